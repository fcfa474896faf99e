/**
 * Retries are a share of the requests made, with a small reserve for who asks seldom: when everything fails, retrying
 * everything would double the load on what is already down.
 */
export class RetryBudget {
  private readonly share: number
  private saved = RESERVE

  constructor(percent: number) {
    this.share = percent / 100
  }

  deposit(): void {
    this.saved = Math.min(RESERVE, this.saved + this.share)
  }

  withdraw(): boolean {
    if (this.saved < 1) return false
    this.saved--
    return true
  }
}

const RESERVE = 10
