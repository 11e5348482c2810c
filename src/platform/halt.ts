/** Why the program cannot go on: a sentence for whoever typed the command, without a stack. */
export class Halt extends Error {
  override readonly name = 'Halt';
}
