// Charts of the figures that stand in the page, drawn with Vega-Lite in the reader's language.
(function () {
  var root = document.documentElement, words = window.vbpWords, looks = window.vbpCharts;
  var INK = "#1d2329", SOFT = "#59616b", LINE = "#e3e6ea";
  var BLUE = "#2f5d9b", OCHRE = "#d9a13b", BRICK = "#a8382a", PALE = "#c3c9d1";
  var PARTS = [BLUE, OCHRE, BRICK, PALE, "#7fa3cf", "#5b1a12", "#8a8f98", "#00796b"];
  var BANDS = ["#f1dcb0", "#e3b867", "#cf8a3c", "#b25a2b", "#7f2b1d"];
  var DASHES = [[1, 0], [6, 3], [2, 2]];
  var FONT = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';

  function read(pair) { return pair[root.lang === "en" ? 1 : 0]; }
  function say(key) { return read(words[key]); }
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
  // A share in percent; anything else in its unit, a pair of words.
  function axis(look) { return { format: look.unit ? "," : "~%", tickCount: 5, title: look.unit && read(look.unit), titleAngle: 0 }; }
  function precise(look) { return look.unit ? ",.2f" : ".2%"; }
  function value(look) { return look.unit ? read(look.unit) : say("rate"); }
  function merge(one, other) { return Object.assign(one, other); }

  // rows: [[label, number, …], …], a number for each part; money in fen
  function stacked(look, rows, lying, height) {
    var values = [], names = look.parts.map(read), unit = look.money ? 100 : 1, isShare = !look.money && !look.unit;
    rows.forEach(function (row) {
      names.forEach(function (name, at) {
        values.push({ label: row[0], part: name, at: at, amount: row[at + 1] / unit });
      });
    });
    var label = { field: "label", type: "nominal", sort: null, title: null,
      axis: lying ? { labelLimit: 190, ticks: false, domain: false } : { labelAngle: 0, labelOverlap: "greedy", labelSeparation: 6, ticks: false } };
    var size = { field: "amount", type: "quantitative", title: null, stack: "zero", axis: isShare ? { format: "~%", tickCount: 5 } : { labelExpr: money(), tickCount: 5 } };
    var colours = names.map(function (name, at) { return (lying ? BANDS : PARTS)[at % (lying ? BANDS : PARTS).length]; });
    return merge(base(height), {
      data: { values: values }, mark: { type: "bar", height: { band: 0.66 }, width: { band: 0.66 } },
      encoding: merge(lying ? { y: label, x: size } : { x: label, y: size }, {
        color: { field: "part", type: "nominal", sort: names, scale: { domain: names, range: colours } },
        order: { field: "at" },
        tooltip: [{ field: "label", title: read(look.label) }, { field: "part", title: say("part") },
          { field: "amount", title: say(look.money ? "amount" : isShare ? "rate" : "number"), format: look.money ? ",.2f" : isShare ? ".2%" : "," }]
      })
    });
  }

  var draw = {
    stacked: function (look, rows) { return stacked(look, rows, false, 210); },
    lying: function (look, rows) {
      var spec = stacked(look, rows, true, 24 * rows.length);
      spec.config.legend.columns = 3;
      return spec;
    },
    // [[label, rate, …], …], a rate for each part
    lines: function (look, rows) {
      var values = [], names = look.parts.map(read);
      rows.forEach(function (row) {
        names.forEach(function (name, at) { values.push({ label: row[0], part: name, rate: row[at + 1] }); });
      });
      return merge(base(210), {
        data: { values: values }, mark: { type: "line", strokeWidth: 2, point: { size: 26, filled: true } },
        encoding: {
          x: { field: "label", type: "nominal", sort: null, title: null, axis: { labelAngle: 0, labelOverlap: "greedy", labelSeparation: 6, ticks: false } },
          y: { field: "rate", type: "quantitative", title: null, scale: { zero: false, nice: true }, axis: axis(look) },
          color: { field: "part", type: "nominal", sort: names, scale: { domain: names, range: names.map(function (name, at) { return PARTS[at % PARTS.length]; }) }, legend: { symbolType: "stroke" } },
          tooltip: [{ field: "label", title: read(look.label) }, { field: "part", title: " " }, { field: "rate", title: " ", format: precise(look) }]
        }
      });
    },
    // [[label, across, up, value that decides the look], …], both rates
    points: function (look, rows) {
      var met = look.values.filter(function (value) { return rows.some(function (row) { return row[3] === value[0]; }); });
      var names = met.map(function (value) { return read(value.slice(1)); }), titles = look.parts.map(read), of = {};
      met.forEach(function (value, at) { of[value[0]] = names[at]; });
      var top = Math.min(2, Math.max(1, Math.max.apply(null, rows.map(function (row) { return row[2]; }))));
      var values = rows.map(function (row) { return { name: row[0], x: row[1], y: row[2], value: of[row[3]] || row[3] }; });
      var x = { field: "x", type: "quantitative", title: titles[0], scale: { domain: [0, 1] }, axis: { format: "~%", tickCount: 5 } };
      var y = { field: "y", type: "quantitative", title: titles[1], scale: { domain: [0, top], clamp: true }, axis: { format: "~%", tickCount: 5 } };
      return merge(base(230), { layer: [
        { data: { values: [{ x: 0, y: 0 }, { x: 1, y: 1 }] }, mark: { type: "line", color: SOFT, strokeDash: [4, 4], strokeWidth: 1 }, encoding: { x: x, y: y } },
        { data: { values: values }, mark: { type: "point", filled: true, size: 46, opacity: 0.85 },
          encoding: { x: x, y: y,
            color: { field: "value", type: "nominal", sort: names, scale: { domain: names, range: met.map(function (value) { return value[3]; }) }, legend: { symbolType: null, title: null, columns: 4 } },
            shape: { field: "value", type: "nominal", sort: names, scale: { domain: names, range: met.map(function (value) { return value[4]; }) } },
            tooltip: [{ field: "name", title: " " }, { field: "y", title: titles[1], format: ".2%" },
              { field: "x", title: titles[0], format: ".2%" }, { field: "value", title: " " }] } }
      ] });
    },
    // [[label, lowest, middle, highest], …] in yuan
    spans: function (look, rows) {
      var titles = look.parts.map(read), values = rows.map(function (row) { return { label: row[0], low: row[1], middle: row[2], high: row[3] }; });
      var x = { field: "label", type: "nominal", sort: null, title: null, axis: { labelAngle: 0, labelOverlap: "greedy", labelSeparation: 6, ticks: false } };
      function y(field) { return { field: field, type: "quantitative", title: null, scale: { zero: false, nice: true }, axis: { format: ",.4~f", tickCount: 5 } }; }
      var tooltip = [{ field: "label", title: read(look.label) }].concat(["low", "middle", "high"].map(function (field, at) {
        return { field: field, title: titles[at], format: ",.4~f" };
      }));
      return merge(base(210), { data: { values: values }, layer: [
        { mark: { type: "rule", strokeWidth: 5, color: PALE }, encoding: { x: x, y: y("low"), y2: { field: "high" }, tooltip: tooltip } },
        { mark: { type: "tick", thickness: 3, color: BLUE, width: { band: 0.5 } }, encoding: { x: x, y: y("middle"), tooltip: tooltip } }
      ] });
    },
    // own: the institution that is marked; window.vbpCompared has the shares of all in its division
    compared: function (look, found) {
      var all = window.vbpCompared, names = all.shares.map(read), values = [], top = 1;
      all.rows.forEach(function (row) {
        names.forEach(function (name, at) {
          var rate = row[at + 2];
          if (rate !== null) { values.push({ share: name, rate: rate, name: row[1], own: row[0] === found.own }); top = Math.max(top, rate); }
        });
      });
      var encoding = {
        y: { field: "share", type: "nominal", sort: names, title: null, scale: { domain: names }, axis: { labelLimit: 190, ticks: false, domain: false, grid: true } },
        x: { field: "rate", type: "quantitative", title: null, scale: { domain: [0, Math.min(2, top)], clamp: true }, axis: { format: "~%", tickCount: 5 } },
        tooltip: [{ field: "name", title: " " }, { field: "share", title: " " }, { field: "rate", title: say("rate"), format: ".2%" }]
      };
      function layer(own, mark) {
        return { data: { values: values.filter(function (value) { return value.own === own; }) }, mark: mark, encoding: encoding };
      }
      return merge(base(26 * names.length), { layer: [
        layer(false, { type: "point", filled: true, size: 42, color: BLUE, opacity: 0.45 }),
        layer(true, { type: "point", filled: true, size: 110, shape: "diamond", color: BRICK, opacity: 1 })
      ] });
    },
    // points: {measure: [[day, rate], …], …}; breaks: [[day, begins or ends, lots], …]; until: the last day
    trend: function (look, found, until) {
      var series = found.points, met = look.series.map(function (line, at) { return [line[0], read(line.slice(1)), [BLUE, OCHRE, BRICK].concat(PARTS.slice(4))[at % 7], DASHES[at % 3]]; });
      met = met.filter(function (line) { return (series[line[0]] || []).length; });
      var names = met.map(function (line) { return line[1]; }), values = [];
      met.forEach(function (line) {
        var points = series[line[0]], last = points[points.length - 1];
        points.concat(last[0] < until ? [[until, last[1]]] : []).forEach(function (point) {
          values.push({ day: point[0], rate: point[1], series: line[1] });
        });
      });
      var broken = found.breaks.map(function (b) { return { day: b[0], text: say(b[1]) + " " + b[2] }; });
      var marks = { data: { values: broken }, mark: { type: "rule", color: SOFT, strokeDash: [3, 3] }, encoding: {
        x: { field: "day", type: "temporal", scale: { type: "utc" } },
        tooltip: [{ field: "day", type: "temporal", title: say("day"), format: "%Y-%m-%d" }, { field: "text", title: " " }] } };
      var lines = {
        data: { values: values }, mark: { type: "line", interpolate: "step-after", strokeWidth: 2, point: { size: 26, filled: true } },
        encoding: {
          x: { field: "day", type: "temporal", title: null, scale: { type: "utc" }, axis: { format: "%Y-%m-%d", labelAngle: 0, tickCount: 4, labelOverlap: "greedy" } },
          y: { field: "rate", type: "quantitative", title: null, scale: { zero: false, nice: true }, axis: axis(look) },
          color: { field: "series", type: "nominal", sort: names, scale: { domain: names, range: met.map(function (line) { return line[2]; }) }, legend: { symbolType: "stroke" } },
          strokeDash: { field: "series", type: "nominal", sort: names, scale: { domain: names, range: met.map(function (line) { return line[3]; }) } },
          tooltip: [{ field: "day", type: "temporal", title: say("day"), format: "%Y-%m-%d" }, { field: "series", title: " " }, { field: "rate", title: value(look), format: precise(look) }]
        }
      };
      var spec = merge(base(170), { layer: broken.length ? [marks, lines] : [lines] });
      spec.config.legend.columns = 2;
      return spec;
    }
  };

  function drawAll() {
    var data = JSON.parse(document.getElementById("chart-data").textContent);
    document.querySelectorAll("[data-chart]").forEach(function (place) {
      var name = place.getAttribute("data-chart"), look = looks[name], spec = draw[look.kind](look, data[name], data.until);
      window.vegaEmbed(place, spec, { actions: false, renderer: "svg", ast: true, mode: "vega-lite" });
    });
  }
  document.addEventListener("DOMContentLoaded", function () {
    if (!document.getElementById("chart-data")) { return; }
    drawAll();
    new MutationObserver(drawAll).observe(root, { attributes: true, attributeFilter: ["lang"] });
  });
})();
