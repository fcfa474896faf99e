import { REGISTRY_ERRORS, type RegistryErrorCode } from './registry-error-catalogue.ts'

/** Why a registry does not do what it is asked, with the place; never with what was sent. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly place: string
  /** What is told beside it: the report of a check. */
  readonly detail: object

  constructor(code: RegistryErrorCode, place: string, detail: object = {}) {
    const { sentence, remedy } = REGISTRY_ERRORS[code]
    super(`${sentence.slice(0, -1)} (${place}). ${remedy}`)
    this.code = code
    this.place = place
    this.detail = detail
  }
}
