// The word map: search a word, see its neighbours in two runs, and what moved between them.
"use strict";

(() => {
  const element = (id) => document.getElementById(id);
  if (!element("word-data")) return;
  const data = JSON.parse(element("word-data").textContent);
  const spec = JSON.parse(element("word-chart").textContent);
  const NO_WORD = 0xffff;
  const SAMPLES = 40; // words that are labelled before any is searched

  function decode(text, Numbers) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Numbers(bytes.buffer);
  }

  const numberOf = new Map(data.words.map((word, number) => [word, number]));
  const runs = data.runs.map((run) => {
    const words = decode(run.words, Uint16Array);
    return {
      name: run.name,
      words,
      rowOf: new Map(Array.from(words, (word, row) => [word, row])),
      neighbours: decode(run.neighbours, Uint16Array),
      cosines: decode(run.cosines, Int16Array),
      points: decode(run.points, Int16Array),
    };
  });
  const panels = [0, 1].filter((panel) => element(`map-${panel}`));
  const shownRun = (panel) => runs[Number(element(`run-${panel}`).value)];
  let query = null; // the number of the word that is searched

  // Returns [{word, cosine}] of a word in a run, the nearest first.
  function neighbours(run, word) {
    const row = run.rowOf.get(word);
    const nearest = [];
    for (let rank = 0; row !== undefined && rank < data.topn; rank++) {
      const index = row * data.topn + rank;
      const neighbour = run.neighbours[index];
      if (neighbour !== NO_WORD) nearest.push({ word: neighbour, cosine: run.cosines[index] / 10000 });
    }
    return nearest;
  }

  function common(word) {
    const [first, second] = panels.map((panel) => neighbours(shownRun(panel), word));
    const others = new Set(second.map((each) => each.word));
    return new Set(first.map((each) => each.word).filter((each) => others.has(each)));
  }

  // Returns the movement between the shown runs: words and distances, or null.
  function movement() {
    if (panels.length < 2) return null;
    const shown = panels.map((panel) => Number(element(`run-${panel}`).value));
    shown.sort((a, b) => a - b);
    const pair = data.movements.find((each) => each.runs.join() === shown.join());
    if (!pair) return null;
    return {
      words: decode(pair.words, Uint16Array),
      distances: Array.from(decode(pair.distances, Uint16Array), (value) => value / 10000),
    };
  }

  function point(run, word, role, rank) {
    const row = run.rowOf.get(word);
    const [x, y] = run.points.subarray(2 * row, 2 * row + 2);
    return { word: data.words[word], x: x / 30000, y: y / 30000, role, rank };
  }

  // Returns the points that are marked in the map of a run.
  function chosenPoints(run, both) {
    if (query === null || !run.rowOf.has(query)) {
      const step = Math.max(1, Math.floor(run.words.length / SAMPLES));
      const samples = Array.from(run.words).filter((_, row) => row % step === 0);
      return samples.map((word, rank) => point(run, word, "sample", rank));
    }
    const points = neighbours(run, query).map(({ word }, rank) =>
      point(run, word, both === null || both.has(word) ? "both" : "one", rank + 1));
    return [point(run, query, "query", 0), ...points];
  }

  // Returns the ends of an axis around some values.
  function ends(values, margin) {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const space = margin * (high - low) || 0.05;
    return [low - space, high + space];
  }

  function drawMap(panel, both) {
    const run = shownRun(panel);
    const all = Array.from(run.words, (word) => point(run, word));
    const chosen = chosenPoints(run, both);
    const framed = query === null ? all : chosen;
    const margin = query === null ? 0.03 : 0.25;
    const filled = {
      ...spec,
      data: [{ name: "all", values: all }, { name: "chosen", values: chosen }],
      signals: spec.signals.map((signal) => {
        if (signal.name === "xDomain") return { ...signal, value: ends(framed.map((p) => p.x), margin) };
        if (signal.name === "yDomain") return { ...signal, value: ends(framed.map((p) => p.y), margin) };
        return signal;
      }),
    };
    report.draw(element(`map-${panel}`), filled, "canvas").then((view) => {
      view.addEventListener("click", (_, item) => {
        if (item?.datum?.word) search(item.datum.word);
      });
    });
  }

  function cell(row, content, className) {
    const td = row.insertCell();
    td.append(content);
    if (className) td.className = className;
  }

  function wordButton(word) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "word";
    const name = document.createElement("bdi");
    name.textContent = data.words[word];
    button.append(name);
    button.addEventListener("click", () => search(data.words[word]));
    return button;
  }

  function fillNeighbours(panel, both) {
    const table = element(`neighbours-${panel}`);
    const run = shownRun(panel);
    element(`map-${panel}-name`).textContent = run.name;
    table.hidden = query === null;
    table.tBodies[0].replaceChildren();
    if (query === null) return;
    const isWord = run.rowOf.has(query);
    table.caption.textContent = isWord
      ? `Neighbours of ${data.words[query]}` : `${data.words[query]} is not a word of this run.`;
    neighbours(run, query).forEach(({ word, cosine }, index) => {
      const row = table.tBodies[0].insertRow();
      cell(row, String(index + 1), "number");
      cell(row, wordButton(word));
      cell(row, cosine.toFixed(3), "number");
      if (both !== null) cell(row, both.has(word) ? "yes" : "");
    });
  }

  function fillMoved(moved) {
    const body = element("moved").tBodies[0];
    body.replaceChildren();
    element("moved-summary").textContent = moved
      ? `${moved.words.length.toLocaleString("en")} words are in both runs; their mean distance is ` +
        `${(moved.distances.reduce((a, b) => a + b, 0) / moved.distances.length).toFixed(3)}.`
      : "Choose two different runs with words in common.";
    if (!moved) return;
    moved.words.subarray(0, data.shown).forEach((word, index) => {
      const row = body.insertRow();
      cell(row, wordButton(word));
      cell(row, moved.distances[index].toFixed(3), "number");
      cell(row, String(common(word).size), "number");
    });
  }

  function status(both, moved) {
    if (query === null) return "";
    const word = `“${data.words[query]}”`;
    if (panels.length < 2) return `Neighbours of ${word} are marked.`;
    const index = moved ? moved.words.indexOf(query) : -1;
    const overlap = `${word}: ${both.size} of ${data.topn} neighbours in common`;
    if (index < 0) return `${overlap}.`;
    return `${overlap}; it moved ${moved.distances[index].toFixed(3)}, ` +
      `rank ${(index + 1).toLocaleString("en")} of ${moved.words.length.toLocaleString("en")} words.`;
  }

  function update() {
    const both = query !== null && panels.length > 1 ? common(query) : null;
    const moved = movement();
    for (const panel of panels) {
      drawMap(panel, both);
      fillNeighbours(panel, both);
    }
    if (panels.length > 1) fillMoved(moved);
    element("word-status").textContent = status(both, moved);
  }

  function search(text) {
    const typed = text.trim();
    const number = numberOf.get(typed) ?? numberOf.get(typed.toLowerCase());
    if (number === undefined) {
      element("word-status").textContent = typed ? `“${typed}” is not among the words.` : "";
      return;
    }
    query = number;
    element("word").value = data.words[number];
    update();
  }

  function suggest() {
    const typed = element("word").value.trim().toLowerCase();
    const options = [];
    for (const word of typed ? data.words : []) {
      if (options.length === 12) break;
      if (word.toLowerCase().startsWith(typed)) options.push(new Option("", word));
    }
    element("suggestions").replaceChildren(...options);
  }

  element("word").addEventListener("input", (event) => {
    suggest();
    // A suggestion that is chosen comes without the key that typed text comes with.
    if (!event.inputType || event.inputType === "insertReplacementText") search(event.target.value);
  });
  element("word-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search(element("word").value);
  });
  element("word-form").addEventListener("reset", () => {
    query = null;
    setTimeout(update); // after the fields are reset
  });
  for (const panel of panels) element(`run-${panel}`)?.addEventListener("change", update);
  report.charts.push(() => {
    for (const panel of panels) drawMap(panel, query !== null && panels.length > 1 ? common(query) : null);
  });
  update();
})();
