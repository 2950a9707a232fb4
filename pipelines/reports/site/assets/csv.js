// A table of the page as a CSV file, made where it is asked for: all rows in the order in which they were written, however the
// reader sorts or narrows them; Chinese headings and words, a name and the code beside it in two columns, numbers without
// separators, what is missing empty, and no text that a spreadsheet would calculate.
(function () {
  function plain(text) {
    var begins = text.length > 1 && window.vbpFormula.some(function (sign) { return text.startsWith(sign); });
    return begins && !(text.trim() && isFinite(text)) ? "'" + text : text;
  }
  function quote(text) { return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text; }
  function chinese(element) { return (element.querySelector(".zh") || element).textContent; }

  function read(cell, heading) {
    var hasCode = heading.hasAttribute("data-code"), small = cell.querySelector("small"), full = cell.querySelector("abbr");
    if (cell.classList.contains("x")) { return hasCode ? ["", ""] : [""]; }
    if (cell.classList.contains("n")) { return [cell.textContent.replace(/^—$/, "").replace(/,/g, "").replace(/−/g, "-")]; }
    if (!hasCode) { return [plain(full ? full.title : chinese(cell))]; }
    var text = cell.textContent, code = small ? small.textContent : text;
    return [plain(small ? text.slice(0, text.length - code.length) : text), plain(code)];
  }
  function title(heading) {
    return [chinese(heading)].concat(heading.hasAttribute("data-code") ? [heading.getAttribute("data-code")] : []);
  }
  function write(table) {
    var headings = Array.from(table.tHead.rows[0].cells), rows = table.vbpWritten || Array.from(table.tBodies[0].rows);
    var lines = rows.map(function (row) { return headings.map(function (heading, at) { return read(row.cells[at], heading); }); });
    return "\ufeff" + [headings.map(title)].concat(lines).map(function (line) {
      return [].concat.apply([], line).map(quote).join(",") + "\r\n";
    }).join("");
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("a[data-csv]").forEach(function (link) {
      var name = link.getAttribute("data-csv");
      link.href = "#" + name;
      link.download = name + ".csv";
      link.parentNode.hidden = false;
      link.addEventListener("click", function () {
        var file = new Blob([write(document.getElementById(name))], { type: "text/csv;charset=utf-8" });
        if (link.href.startsWith("blob:")) { URL.revokeObjectURL(link.href); }
        link.href = URL.createObjectURL(file);
      });
    });
  });
})();
