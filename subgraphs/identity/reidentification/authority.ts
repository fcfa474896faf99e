/** Who may do what, as far as policies say it. Two approvers who are not the requester are asked for whatever they say. */
export interface Authority {
  rule(question: Question): Ruling
}

export type Action = 'request' | 'approve' | 'refuse' | 'redeem' | 'see' | 'readTrail'

export interface Question {
  readonly action: Action
  readonly person: string
  readonly roles: readonly string[]
  /** What it is about; null: the trail. */
  readonly request: AskedRequest | null
  readonly purpose: string
  readonly client: string
}

export interface AskedRequest {
  readonly id: string
  readonly requester: string
  readonly approvers: readonly string[]
  readonly fields: readonly string[]
  readonly ticket: string
}

export interface Ruling {
  readonly isAllowed: boolean
  /** The policies that decided, by name. */
  readonly policies: readonly string[]
}
