/** A reason why a supergraph cannot be fenced. */
export interface ProtectionFault {
  readonly code: string
  readonly coordinate: string
  readonly message: string
}

export const fault = (code: string, coordinate: string, message: string): ProtectionFault => ({
  code,
  coordinate,
  message,
})
