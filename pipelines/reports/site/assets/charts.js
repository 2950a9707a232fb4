// Charts of the figures that stand in the page, drawn with Vega-Lite in the reader's language.
(function () {
  var root = document.documentElement, words = window.vbpWords;
  var INK = "#1d2329", SOFT = "#59616b", LINE = "#e3e6ea";
  var BLUE = "#2f5d9b", OCHRE = "#d9a13b", BRICK = "#a8382a", PALE = "#c3c9d1";
  var AGES = ["#f1dcb0", "#e3b867", "#cf8a3c", "#b25a2b", "#7f2b1d"];
  var FONT = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';

  function say(key) { var pair = words[key]; return pair ? pair[root.lang === "en" ? 1 : 0] : key; }
  function money() {
    return root.lang === "en" ? "format(datum.value, '~s')"
      : "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~r') + '亿'"
      + " : abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~r') + '万' : format(datum.value, ',~r')";
  }
  function base(height) {
    return {
      width: "container", height: height, background: null, autosize: { type: "fit-x", contains: "padding" },
      config: {
        font: FONT, view: { stroke: null },
        axis: { labelColor: SOFT, titleColor: SOFT, titleFontWeight: "normal", gridColor: LINE, domainColor: "#9aa0a8",
          tickColor: "#9aa0a8", labelFontSize: 11, titleFontSize: 11 },
        legend: { orient: "top", direction: "horizontal", title: null, labelColor: INK, labelFontSize: 11.5, symbolType: "square",
          symbolSize: 90, offset: 6, columnPadding: 14 }
      }
    };
  }
  function merge(one, other) { return Object.assign(one, other); }

  // parts: [[field, colour], …]; rows: [[label, fen, …], …], a column of fen per part
  function stacked(rows, parts, lying, height) {
    var values = [];
    rows.forEach(function (row) {
      parts.forEach(function (part, at) {
        values.push({ label: row[0], part: say(part[0]), at: at, amount: row[at + 1] / 100 });
      });
    });
    var names = parts.map(function (part) { return say(part[0]); });
    var label = { field: "label", type: "nominal", sort: null, title: null,
      axis: lying ? { labelLimit: 190, ticks: false, domain: false } : { labelAngle: 0, labelOverlap: "greedy", labelSeparation: 6, ticks: false } };
    var size = { field: "amount", type: "quantitative", title: null, stack: "zero", axis: { labelExpr: money(), tickCount: 5 } };
    return merge(base(height), {
      data: { values: values }, mark: { type: "bar", height: { band: 0.66 }, width: { band: 0.66 } },
      encoding: merge(lying ? { y: label, x: size } : { x: label, y: size }, {
        color: { field: "part", type: "nominal", sort: names, scale: { domain: names, range: parts.map(function (part) { return part[1]; }) } },
        order: { field: "at" },
        tooltip: [{ field: "label", title: say(lying ? "supplier" : "month") }, { field: "part", title: say("part") },
          { field: "amount", title: say("amount"), format: ",.2f" }]
      })
    });
  }

  var draw = {
    // [[name, time progress, rate, status], …]
    progress: function (rows) {
      var looks = [["completed", BLUE, "circle"], ["on_track", "#7fa3cf", "circle"], ["behind", OCHRE, "triangle-up"],
        ["seriously_behind", BRICK, "diamond"], ["failed", "#5b1a12", "cross"], ["excused", "#8a8f98", "square"]];
      looks = looks.filter(function (look) { return rows.some(function (row) { return row[3] === look[0]; }); });
      var names = looks.map(function (look) { return say(look[0]); });
      var top = Math.min(2, Math.max(1, Math.max.apply(null, rows.map(function (row) { return row[2]; }))));
      var values = rows.map(function (row) { return { name: row[0], time: row[1], rate: row[2], status: say(row[3]) }; });
      var x = { field: "time", type: "quantitative", title: say("time"), scale: { domain: [0, 1] }, axis: { format: "~%", tickCount: 5 } };
      var y = { field: "rate", type: "quantitative", title: say("rate"), scale: { domain: [0, top], clamp: true }, axis: { format: "~%", tickCount: 5 } };
      return merge(base(230), { layer: [
        { data: { values: [{ time: 0, rate: 0 }, { time: 1, rate: 1 }] }, mark: { type: "line", color: SOFT, strokeDash: [4, 4], strokeWidth: 1 }, encoding: { x: x, y: y } },
        { data: { values: values }, mark: { type: "point", filled: true, size: 46, opacity: 0.85 },
          encoding: { x: x, y: y,
            color: { field: "status", type: "nominal", sort: names, scale: { domain: names, range: looks.map(function (l) { return l[1]; }) }, legend: { symbolType: null } },
            shape: { field: "status", type: "nominal", sort: names, scale: { domain: names, range: looks.map(function (l) { return l[2]; }) } },
            tooltip: [{ field: "name", title: " " }, { field: "rate", title: say("rate"), format: ".2%" },
              { field: "time", title: say("time"), format: ".2%" }, { field: "status", title: say("status") }] } }
      ] });
    },
    ageing: function (rows) {
      var parts = ["overdue_0_30_fen", "overdue_31_60_fen", "overdue_61_90_fen", "overdue_91_180_fen", "overdue_over_180_fen"];
      var spec = stacked(rows, parts.map(function (part, at) { return [part, AGES[at]]; }), true, 24 * rows.length);
      spec.config.legend.columns = 3;
      return spec;
    },
    months: function (rows) {
      return stacked(rows, [["on_time_fen", BLUE], ["late_paid_fen", OCHRE], ["overdue_fen", BRICK], ["not_due_fen", PALE]], false, 210);
    },
    invoices: function (rows) {
      return stacked(rows, [["compliant_fen", BLUE], ["unverifiable_fen", OCHRE], ["violation_fen", BRICK]], false, 210);
    },
    // {volume: [[day, rate], …], …}; until: the last day; breaks: [[day, begins or ends, lots], …]
    trends: function (series, until, breaks) {
      var looks = [["volume", BLUE, [1, 0]], ["payment", OCHRE, [6, 3]], ["invoice", BRICK, [2, 2]]];
      looks = looks.filter(function (look) { return (series[look[0]] || []).length; });
      var names = looks.map(function (look) { return say(look[0]); }), values = [];
      looks.forEach(function (look) {
        var points = series[look[0]], last = points[points.length - 1];
        points.concat(last[0] < until ? [[until, last[1]]] : []).forEach(function (point) {
          values.push({ day: point[0], rate: point[1], series: say(look[0]) });
        });
      });
      var broken = (breaks || []).map(function (b) { return { day: b[0], text: say(b[1]) + " " + b[2] }; });
      var marks = { data: { values: broken }, mark: { type: "rule", color: SOFT, strokeDash: [3, 3] }, encoding: {
        x: { field: "day", type: "temporal", scale: { type: "utc" } },
        tooltip: [{ field: "day", type: "temporal", title: say("day"), format: "%Y-%m-%d" }, { field: "text", title: " " }] } };
      var lines = {
        data: { values: values }, mark: { type: "line", interpolate: "step-after", strokeWidth: 2, point: { size: 26, filled: true } },
        encoding: {
          x: { field: "day", type: "temporal", title: null, scale: { type: "utc" }, axis: { format: "%Y-%m-%d", labelAngle: 0, tickCount: 4, labelOverlap: "greedy" } },
          y: { field: "rate", type: "quantitative", title: null, scale: { zero: false, nice: true }, axis: { format: ".1~%", tickCount: 5 } },
          color: { field: "series", type: "nominal", sort: names, scale: { domain: names, range: looks.map(function (l) { return l[1]; }) }, legend: { symbolType: "stroke" } },
          strokeDash: { field: "series", type: "nominal", sort: names, scale: { domain: names, range: looks.map(function (l) { return l[2]; }) } },
          tooltip: [{ field: "day", type: "temporal", title: say("day"), format: "%Y-%m-%d" }, { field: "series", title: " " }, { field: "rate", title: say("rate"), format: ".2%" }]
        }
      };
      return merge(base(230), { layer: broken.length ? [marks, lines] : [lines] });
    }
  };

  function drawAll() {
    var data = JSON.parse(document.getElementById("chart-data").textContent);
    document.querySelectorAll("[data-chart]").forEach(function (place) {
      var name = place.getAttribute("data-chart"), spec = draw[name](data[name], data.until, data.breaks);
      window.vegaEmbed(place, spec, { actions: false, renderer: "svg", ast: true, mode: "vega-lite" });
    });
  }
  document.addEventListener("DOMContentLoaded", function () {
    if (!document.getElementById("chart-data")) { return; }
    drawAll();
    new MutationObserver(drawAll).observe(root, { attributes: true, attributeFilter: ["lang"] });
  });
})();
