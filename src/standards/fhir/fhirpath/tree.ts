/** A parsed expression. `at`: where it begins in the text, in characters. */
export type Tree = { at: number } & (
  | { kind: 'empty' }
  | { kind: 'literal'; type: string; value: unknown }
  | { kind: 'member'; name: string; target?: Tree }
  | { kind: 'call'; name: string; args: readonly Tree[]; target?: Tree }
  | { kind: 'special'; name: string }
  | { kind: 'variable'; name: string }
  | { kind: 'at-index'; target: Tree; index: Tree }
  | { kind: 'sign'; negative: boolean; operand: Tree }
  | { kind: 'binary'; operator: string; left: Tree; right: Tree }
  | { kind: 'type'; operator: 'is' | 'as'; operand: Tree; type: string }
);
