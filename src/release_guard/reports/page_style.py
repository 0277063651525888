"""How a page looks."""

from __future__ import annotations

__all__ = ["STYLE"]

#: Light and dark as the reader's system has it, paper always light. Each pair of
#: colours has a contrast of 4.5 or more (WCAG AA).
STYLE = """
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --panel: #fff; --text: #1b2330; --quiet: #535e6d; --rule: #d8dde4;
  --soft: #eef1f5; --link: #1d4fb8; --good: #0d6537; --good-soft: #e3f4ea;
  --bad: #b3201a; --bad-soft: #fdeceb; --careful: #7a4f00; --careful-soft: #fcf1d9;
  --note: #2453a6; --note-soft: #e8effb;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e1318; --panel: #161c24; --text: #e4e9f0; --quiet: #a5b0be;
    --rule: #2d3744; --soft: #202833; --link: #8fb6ff; --good: #62d493;
    --good-soft: #10291c; --bad: #ff938a; --bad-soft: #341716; --careful: #f2c265;
    --careful-soft: #302409; --note: #93b9ff; --note-soft: #16243d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
    sans-serif;
  overflow-wrap: anywhere;
}
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1, h2, p, ul { margin: 0; padding: 0; }
h2 { font-size: 1.125rem; line-height: 1.3; }
ul { list-style: none; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code, pre {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono",
    monospace;
  font-size: .875em; unicode-bidi: isolate;
}
code { background: var(--soft); border-radius: .25rem; padding: .1em .3em; }
pre {
  margin: .5rem 0 0; padding: .7rem .9rem; overflow-x: auto; background: var(--soft);
  border: 1px solid var(--rule); border-radius: .4rem;
}
pre code { background: none; padding: 0; font-size: 1em; }
.items pre { white-space: pre-wrap; }
.items a { white-space: nowrap; }
section, .part, .verdict {
  background: var(--panel); border: 1px solid var(--rule); border-radius: .6rem;
  margin-top: 1rem; padding: 1.1rem 1.25rem;
}
section > * + *, .part > * + * { margin-top: .8rem; }
.verdict {
  margin-top: 0; border-color: var(--tone); border-inline-start-width: .5rem;
  background: var(--tone-soft);
}
.verdict code { background: var(--panel); }
.good { --tone: var(--good); --tone-soft: var(--good-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
.careful { --tone: var(--careful); --tone-soft: var(--careful-soft); }
.note { --tone: var(--note); --tone-soft: var(--note-soft); }
.job { color: var(--quiet); font-size: .9375rem; }
h1 {
  display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .6rem;
  font-size: 1.75rem; line-height: 1.3; color: var(--tone);
}
.sign {
  display: inline-flex; align-items: center; justify-content: center; width: 1.35em;
  height: 1.35em; border-radius: 50%; font-size: .8em; line-height: 1;
  color: var(--tone-soft); background: var(--tone);
}
.about { color: var(--text); font-size: .7em; font-weight: 500; }
.facts { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin-top: .5rem; }
.facts li { color: var(--quiet); font-size: .9375rem; }
.items li { position: relative; padding-inline-start: 1.1rem; }
.items li::before {
  content: ""; position: absolute; inset-inline-start: .1rem; top: .62em; width: .4rem;
  height: .4rem; border-radius: 50%; background: var(--quiet);
}
.items li + li { margin-top: .4rem; }
.issue { padding: .9rem 0; border-top: 1px solid var(--rule); }
.issue:first-child { padding-top: 0; border-top: 0; }
.issue:last-child { padding-bottom: 0; }
.issue > * + * { margin-top: .35rem; }
.fix { border-inline-start: 3px solid var(--rule); padding-inline-start: .7rem; }
.badge {
  display: inline-block; padding: 0 .5em; border-radius: 1em; font-size: .875em;
  font-weight: 600; white-space: nowrap; color: var(--tone);
  background: var(--tone-soft);
}
.box { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
.caption { color: var(--quiet); font-size: .9375rem; }
.caption + .box { margin-top: .2rem; }
th, td {
  padding: .4rem .75rem .4rem 0; text-align: start; vertical-align: top;
  border-bottom: 1px solid var(--rule); font-weight: 400; min-width: 4.5rem;
  overflow-wrap: break-word;
}
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.matrix { width: auto; }
.matrix th, .matrix td { white-space: nowrap; min-width: 0; }
.matrix th[scope=row] { position: sticky; inset-inline-start: 0;
  background: var(--panel); }
.mark { text-align: center; padding-inline: .75rem; }
summary { cursor: pointer; }
summary h2 { display: inline; }
details ul { margin: .35rem 0 0 1rem; }
.rest { margin-top: 1rem; color: var(--quiet); }
@media (max-width: 40rem) {
  main { padding: .75rem .5rem 3rem; }
  section, .part, .verdict { padding: .9rem; }
  h1 { font-size: 1.5rem; }
}
@media print {
  :root { --page: #fff; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  section, .part, .verdict { border-radius: 0; }
  .issue, tr, .verdict { break-inside: avoid; }
  h2, thead, .caption { break-after: avoid; }
  .box, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  th, td, .matrix th, .matrix td {
    overflow-wrap: anywhere; white-space: normal; min-width: 0;
  }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
