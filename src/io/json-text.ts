/**
 * Keys and value texts of the top level of a JSON object, exactly as they are written. `text` must be valid JSON.
 * Of a key that stands twice the last value counts, as in JSON.parse.
 */
export function memberTexts(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let position = afterSpace(text, text.indexOf("{") + 1);
  while (text[position] !== "}") {
    const keyEnd = afterString(text, position);
    const key: string = JSON.parse(text.slice(position, keyEnd));
    const start = afterSpace(text, text.indexOf(":", keyEnd) + 1);
    const end = afterValue(text, start);
    members.set(key, text.slice(start, end));
    position = afterSpace(text, end);
    if (text[position] === ",") position = afterSpace(text, position + 1);
  }
  return members;
}

function afterSpace(text: string, position: number): number {
  while (" \t\r\n".includes(text[position]!)) position++;
  return position;
}

/** `position` is at the opening quote. */
function afterString(text: string, position: number): number {
  for (position++; text[position] !== '"'; position++) if (text[position] === "\\") position++;
  return position + 1;
}

function afterValue(text: string, position: number): number {
  if (text[position] === '"') return afterString(text, position);
  if (text[position] !== "{" && text[position] !== "[") {
    while (!" \t\r\n,}".includes(text[position]!)) position++;
    return position;
  }
  let depth = 0;
  do {
    const character = text[position]!;
    if (character === '"') position = afterString(text, position);
    else {
      if (character === "{" || character === "[") depth++;
      if (character === "}" || character === "]") depth--;
      position++;
    }
  } while (depth > 0);
  return position;
}
