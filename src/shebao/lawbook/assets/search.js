"use strict";
// Finds what holds every word asked for; failing that, what holds any. The words are cut as the index was.
const box = document.querySelector("input[name=q]");
const list = document.getElementById("list");
const said = document.getElementById("results");
const MOST = 60;

function cut(text) {
  const made = [];
  for (const run of text.toLowerCase().match(/[a-z0-9]+|[\u3400-\u9fff]+/g) || []) {
    if (run.charCodeAt(0) < 0x3400 || run.length === 1) made.push(run);
    else for (let k = 0; k + 1 < run.length; k++) made.push(run.slice(k, k + 2));
  }
  return [...new Set(made)];
}

function matches(token) {
  const found = new Map();
  const exact = Object.hasOwn(INDEX.words, token);
  const begins = token.length > 1 || token.charCodeAt(0) >= 0x3400;
  const one = token.length === 1;
  for (const word of Object.keys(INDEX.words)) {
    const same = word === token;
    if (!same && !(begins && (word.startsWith(token) || (one && word.includes(token))))) continue;
    if (!same && exact && token.charCodeAt(0) >= 0x3400 && !one) continue;
    const held = INDEX.words[word];
    const rare = Math.log(1 + INDEX.things.length / (held.length / 2)) * (same ? 1 : 0.4);
    for (let k = 0; k < held.length; k += 2) {
      found.set(held[k], Math.max(found.get(held[k]) || 0, held[k + 1] * rare));
    }
  }
  return found;
}

function find(text) {
  const each = cut(text).map(matches);
  const sum = new Map(), hits = new Map();
  for (const found of each) for (const [thing, score] of found) {
    sum.set(thing, (sum.get(thing) || 0) + score);
    hits.set(thing, (hits.get(thing) || 0) + 1);
  }
  const most = Math.max(0, ...hits.values());
  const least = most === each.length ? each.length : Math.max(1, most);
  const length = thing => INDEX.things[thing][1].length; // of two as good, the shorter title is nearer
  const rank = thing => sum.get(thing) * (INDEX.things[thing][0] === "room" ? 2 : INDEX.things[thing][0] === "case" ? 0.5 : 1);
  return [...sum.keys()].filter(t => hits.get(t) >= least).sort((a, b) => rank(b) - rank(a) || length(a) - length(b) || a - b);
}

function piece(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function show(text) {
  const found = text.trim() ? find(text) : [];
  said.textContent = text.trim() ? (found.length ? `${found.length} ${SAID.found}` : SAID.nothing) : "";
  list.replaceChildren(...found.slice(0, MOST).map(k => {
    const [kind, title, other, address, extract] = INDEX.things[k];
    const item = document.createElement("li");
    const link = piece("a", title);
    link.href = address;
    item.append(piece("span", SAID.kinds[kind], "kind"), " ", link, " ", piece("span", other, "other"), piece("p", extract));
    return item;
  }));
}

box.value = new URLSearchParams(location.search).get("q") || "";
box.addEventListener("input", () => {
  history.replaceState(null, "", `?q=${encodeURIComponent(box.value)}`);
  show(box.value);
});
box.form.addEventListener("submit", event => { event.preventDefault(); show(box.value); });
show(box.value);
if (!box.value) box.focus();
