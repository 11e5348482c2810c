/** Why the program cannot go on: a sentence for whoever typed the command, who is shown no stack. */
export class Halt extends Error {
  override readonly name = 'Halt';
}
