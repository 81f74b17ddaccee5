// The shipped rules (JSON of policy_export) in the forms that other engines take: for each action
// one CEL expression that says what the policy decides. Parameters, definitions and words are put
// in; durations become seconds, as instants are.

const kUnits = { h: 3600, m: 60, s: 1 };

function secondsOf(text) {
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * kUnits[unit], 0);
}

// Puts the values of names in, and the names in those values, until none is left.
function expander(rules, words) {
  const named = new Map();
  for (const { name, value } of [...(rules.parameters ?? []), ...(rules.define ?? [])]) {
    named.set(name, value);
  }
  const expand = (text) =>
    text
      .replace(/duration\('([^']*)'\)/g, (_, duration) => String(secondsOf(duration)))
      .replace(/'[^']*'|"[^"]*"|[A-Za-z_][\w.]*/g, (token) => {
        if (named.has(token)) return `(${expand(named.get(token))})`;
        return Object.hasOwn(words, token) ? String(words[token]) : token;
      });
  return expand;
}

function speaksOf(rule, action) {
  if (rule.onEveryAction) return !(rule.except ?? []).includes(action);
  return rule.on.includes(action);
}

// { permits: [condition], requires: [{ when, that }] } of one action; "true" where nothing is said.
export function rulesFor(action, { rules, words }) {
  const expand = expander(rules, words);
  const condition = (text) => (text ? expand(text) : "true");
  return {
    permits: rules.permit.filter((rule) => speaksOf(rule, action)).map((rule) => condition(rule.when)),
    requires: rules.require
      .filter((rule) => speaksOf(rule, action))
      .map((rule) => ({ when: condition(rule.when), that: condition(rule.that) })),
  };
}

export function expressionFor(action, exported) {
  const { permits, requires } = rulesFor(action, exported);
  const permitted = permits.map((permit) => `(${permit})`).join(" || ");
  const fulfilled = requires.map(({ when, that }) =>
    when === "true" ? `(${that})` : `(!(${when}) || (${that}))`);
  return [`(${permitted})`, ...fulfilled].join(" && ");
}

// "account.locked" to { account: { locked } }.
export function nest(facts) {
  const nested = {};
  for (const [name, value] of Object.entries(facts)) {
    const [first, second] = name.split(".");
    if (second === undefined) nested[first] = value;
    else (nested[first] ??= {})[second] = value;
  }
  return nested;
}
