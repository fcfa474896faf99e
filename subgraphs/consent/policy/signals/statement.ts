import type { SignalKind } from '../cell-fields.ts'

/** What a signal says about a scope. A yes may become a receipt; it grants nothing by itself. */
export interface SignalStatement {
  readonly kind: SignalKind
  readonly scope: string
  readonly says: 'yes' | 'no'
}
