/** JSON that is already written. It is spliced into an answer as it stands; whoever does not know of it gets the value. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}
