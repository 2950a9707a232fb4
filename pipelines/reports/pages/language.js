(function () {
  var root = document.documentElement, key = "vbp-language";
  function remembered() { try { return localStorage.getItem(key); } catch (e) { return null; } }
  function remember(language) { try { localStorage.setItem(key, language); } catch (e) { /* private window */ } }
  function show(language) {
    var english = language === "en", title = document.querySelector("title");
    root.lang = english ? "en" : "zh-CN";
    document.title = title.getAttribute(english ? "data-en" : "data-zh");
  }
  var asked = location.hash === "#en" ? "en" : location.hash === "#zh" ? "zh" : null;
  show(asked || remembered() || "zh");
  document.addEventListener("DOMContentLoaded", function () {
    document.getElementById("language").addEventListener("click", function () {
      var next = root.lang === "en" ? "zh" : "en";
      show(next);
      remember(next);
    });
  });
})();
