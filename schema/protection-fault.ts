import type { ViolationCode } from './violation-catalogue.ts'

/** A reason why a supergraph cannot be fenced. */
export interface ProtectionFault {
  readonly code: ViolationCode
  readonly coordinate: string
  readonly message: string
}

export const fault = (code: ViolationCode, coordinate: string, message: string): ProtectionFault => ({
  code,
  coordinate,
  message,
})
