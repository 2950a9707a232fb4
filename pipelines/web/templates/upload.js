(function () {
  "use strict";
  var given = JSON.parse(document.getElementById("given").textContent), $ = function (id) { return document.getElementById(id); };
  var dataset = $("dataset"), sender = $("sender"), picker = $("files"), list = $("list"), chosen = [], waiting = [], isChecking = false;

  function words(key) { return document.querySelector('[data-say="' + key + '"]').cloneNode(true); }
  function say(place, tone, parts) {
    place.closest(".file").className = "file " + tone;
    place.replaceChildren.apply(place, parts.map(function (p) { return typeof p === "string" ? document.createTextNode(p) : p; }));
  }
  function where(file) {
    return "?" + new URLSearchParams({ dataset: dataset.value, sender: sender.value.trim(), name: file.name });
  }
  function isReady() { return dataset.value !== "" && sender.value.trim() !== ""; }
  function number(n) { return Number(n).toLocaleString("en-US"); }

  function put(what, file, at, done) {
    var request = new XMLHttpRequest(), bar = at.querySelector("progress");
    bar.hidden = false;
    request.open("PUT", what + where(file));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = function (e) {
      if (e.lengthComputable) { bar.value = e.total ? e.loaded / e.total : 1; }
      if (e.lengthComputable && e.loaded === e.total) { bar.removeAttribute("value"); }
    };
    request.onloadend = function () {
      bar.hidden = true;
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (e) { /* told in plain text */ }
      done(request.status, answer, request.responseText);
    };
    request.send(file);
  }

  function check(one) {
    var state = one.at.querySelector(".state");
    if (one.sent) { return; }
    one.at.querySelector(".send").disabled = true;
    one.at.querySelector(".said").replaceChildren();
    one.at.querySelector(".mend").hidden = true;
    one.asked = null;
    if (one.file.size > given.limit) { say(state, "bad", [words("too_large")]); return; }
    if (!isReady()) { say(state, "idle", [words("choose_first")]); return; }
    say(state, "idle", [words("checking")]);
    one.asked = {};
    waiting.push([one, one.asked]);
    checkNext();
  }

  function checkNext() {
    if (isChecking || !waiting.length) { return; }
    var next = waiting.shift(), one = next[0], asked = next[1], state = one.at.querySelector(".state");
    if (one.asked !== asked || one.sent) { checkNext(); return; }
    isChecking = true;
    put("check", one.file, one.at, function (status, answer, text) {
      isChecking = false;
      checkNext();
      if (one.asked !== asked || one.sent) { return; }
      if (status === 200 && answer) { show(one, answer); return; }
      say(state, "bad", status === 0 ? [words("no_answer")] : [told(text)]);
      one.at.querySelector(".send").disabled = status !== 0 && status !== 500 && status !== 503;
    });
  }

  function told(text) { return text.charAt(0) === "<" ? words("no_answer") : text.slice(0, 500); }

  function show(one, answer) {
    var state = one.at.querySelector(".state"), said = one.at.querySelector(".said"), mend = one.at.querySelector(".mend");
    if (answer.refused) { say(state, "bad", [words("whole_refused"), " ", answer.refused]); }
    else {
      say(state, answer.rejected ? "warn" : "good", [words("would_accept"), " " + number(answer.accepted) + " / " + number(answer.read), "　",
        words("would_reject"), " " + number(answer.rejected)]);
    }
    answer.notes.map(function (note) { return { message: note, rows: 0 }; }).concat(answer.reasons).forEach(function (reason) {
      var line = document.createElement("p");
      line.className = "note";
      line.textContent = (reason.rows ? number(reason.rows) + " × " : "") + reason.message;
      said.append(line);
    });
    if (answer.workbook) {
      var bytes = Uint8Array.from(atob(answer.workbook.content), function (c) { return c.charCodeAt(0); });
      mend.href = URL.createObjectURL(new Blob([bytes]));
      mend.download = answer.workbook.name;
      mend.hidden = false;
    }
    var button = one.at.querySelector(".send");
    button.disabled = Boolean(answer.refused);
  }

  function send(one) {
    var state = one.at.querySelector(".state"), button = one.at.querySelector(".send");
    button.disabled = true;
    say(state, "idle", [words("sending")]);
    put("files", one.file, one.at, function (status, answer, text) {
      if (status === 200 && answer) {
        one.sent = true;
        say(state, "good", [words(answer.is_new ? "sent" : "sent_before"), " " + answer.path + (answer.is_new ? "" : "（" + answer.by + " " + answer.at.slice(0, 19).replace("T", " ") + "）")]);
        one.at.querySelector(".acts").remove();
        return;
      }
      say(state, "bad", status === 0 ? [words("no_answer")] : [told(text)]);
      button.disabled = false;
    });
  }

  function add(file) {
    var at = $("row").content.cloneNode(true).querySelector(".file"), one = { file: file, at: at, sent: false };
    at.querySelector(".title").textContent = file.name;
    at.querySelector(".size").textContent = number(file.size) + " B";
    at.querySelector(".send").addEventListener("click", function () { send(one); });
    list.append(at);
    chosen.push(one);
    check(one);
  }

  function placeChanged() {
    var known = given.senders[dataset.value] || [], asked = sender.value.trim();
    $("senders").replaceChildren.apply($("senders"), known.map(function (name) {
      var option = document.createElement("option");
      option.value = name;
      return option;
    }));
    $("new-sender").hidden = asked === "" || dataset.value === "" || known.indexOf(asked) >= 0;
    chosen.forEach(check);
  }
  dataset.addEventListener("change", placeChanged);
  sender.addEventListener("change", placeChanged);
  picker.addEventListener("change", function () { Array.from(picker.files).forEach(add); picker.value = ""; });
  window.addEventListener("dragover", function (e) { e.preventDefault(); });
  window.addEventListener("drop", function (e) { e.preventDefault(); Array.from(e.dataTransfer.files).forEach(add); });
  var asked = new URLSearchParams(location.search);
  dataset.value = asked.get("dataset") || "";
  sender.value = asked.get("sender") || "";
  placeChanged();
})();
