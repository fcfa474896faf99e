/** Whose consent has changed, in the order it was heard of: those who are under way ask whether it concerns them. */
export class ChangeLog {
  private subjects: string[] = []
  /** Position of the first that is remembered. */
  private first = 0
  private readonly most: number

  constructor(most = 20_000) {
    this.most = most
  }

  get position(): number {
    return this.first + this.subjects.length
  }

  add(subject: string): void {
    this.subjects.push(subject)
    if (this.subjects.length < 2 * this.most) return
    this.first += this.most
    this.subjects = this.subjects.slice(this.most)
  }

  /** Whatever was known before is not: whoever asks about an earlier position is told that nobody can say. */
  reset(): void {
    this.first = this.position + 1
    this.subjects = []
  }

  after(position: number): readonly string[] | null {
    return position < this.first ? null : this.subjects.slice(position - this.first)
  }
}
