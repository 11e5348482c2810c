/** A statement: its text and, apart from it, its values. */
export type Sql = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Planned anew for its values each time: right for searches, whose values differ in rarity. */
  readonly fresh?: boolean;
};

/** ``sql`select 1 where a = ${a}` ``: values travel apart from text; a nested Sql is spliced in. */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql {
  let text = strings[0] ?? '';
  const values: unknown[] = [];
  parts.forEach((part, index) => {
    if (isSql(part)) {
      text += renumber(part.text, values.length);
      values.push(...part.values);
    } else {
      values.push(part);
      text += `$${values.length}`;
    }
    text += strings[index + 1] ?? '';
  });
  return { text, values };
}

export function fresh(query: Sql): Sql {
  return { ...query, fresh: true };
}

/** Joins parts with a separator that is program text, never input. */
export function join(parts: readonly Sql[], separator: string): Sql {
  const values: unknown[] = [];
  const texts = parts.map((part) => {
    const text = renumber(part.text, values.length);
    values.push(...part.values);
    return text;
  });
  return { text: texts.join(separator), values };
}

function isSql(part: unknown): part is Sql {
  return typeof part === 'object' && part !== null && 'text' in part && 'values' in part;
}

function renumber(text: string, by: number): string {
  return by === 0 ? text : text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + by}`);
}
