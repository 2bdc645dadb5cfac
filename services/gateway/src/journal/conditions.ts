/** Builds the parts of a WHERE clause with numbered parameters; what was not asked for adds nothing. */
export class Conditions {
  private readonly parts: string[] = [];
  readonly parameters: unknown[] = [];

  /** `sql` holds a `?` for each value. */
  add(sql: string, ...values: readonly unknown[]): this {
    if (values.some((value) => value === undefined)) return this;
    let next = 0;
    this.parts.push(sql.replace(/\?/g, () => `$${this.parameters.push(values[next++])}`));
    return this;
  }

  /** The placeholder of one more parameter. */
  parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }

  /** To go on after a condition that stands before. */
  get and(): string {
    return this.parts.map((part) => `and ${part}`).join(' ');
  }

  get where(): string {
    return this.parts.length === 0 ? '' : `where ${this.parts.join(' and ')}`;
  }
}
