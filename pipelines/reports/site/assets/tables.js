// Tables sort by a click on a heading, and are narrowed by a word. What is missing stands last either way.
(function () {
  var root = document.documentElement, collator = new Intl.Collator("zh-CN-u-co-pinyin", { numeric: true });

  function text(cell) {
    return ((cell.querySelector(root.lang === "en" ? ".en" : ".zh") || cell).textContent || "").trim();
  }
  function amount(cell) {
    var written = text(cell).replace(/[,%+]/g, "").replace("−", "-");
    return written === "—" ? null : Number(written);
  }
  function compare(read, direction) {
    return function (one, other) {
      var a = read(one), b = read(other);
      if (a === null || b === null) { return (a === null) - (b === null); }
      return direction * (typeof a === "number" ? a - b : collator.compare(a, b));
    };
  }
  function sort(heading) {
    var table = heading.closest("table"), body = table.tBodies[0], place = heading.cellIndex;
    var number = heading.classList.contains("n");
    var up = heading.getAttribute("aria-sort") ? heading.getAttribute("aria-sort") === "descending" : !number;
    var read = number
      ? function (row) { return amount(row.cells[place]); }
      : function (row) { var found = text(row.cells[place]); return found === "—" ? null : found; };
    table.querySelectorAll("th[aria-sort]").forEach(function (th) { th.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.vbpWritten = table.vbpWritten || Array.from(body.rows);
    var rows = Array.from(body.rows).sort(compare(read, up ? 1 : -1));
    body.append.apply(body, rows);
  }
  function narrow(input) {
    var wanted = input.value.trim().toLowerCase();
    Array.from(document.getElementById(input.getAttribute("data-table")).tBodies[0].rows).forEach(function (row) {
      row.hidden = wanted !== "" && row.textContent.toLowerCase().indexOf(wanted) < 0;
    });
  }
  function sayPublished() {
    var latest = window.vbpPublished, day = document.getElementById("as-of");
    if (!latest || !day || latest === day.textContent) { return; }
    day.textContent = latest;
    document.getElementById("unchanged").hidden = false;
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".sheet th").forEach(function (heading) {
      heading.tabIndex = 0;
      heading.addEventListener("click", function () { sort(heading); });
      heading.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(heading); }
      });
    });
    document.querySelectorAll("input[data-table]").forEach(function (input) {
      input.addEventListener("input", function () { narrow(input); });
    });
    sayPublished();
  });
})();
