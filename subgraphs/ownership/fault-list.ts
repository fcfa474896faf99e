import { namesIn, readYamlText, refuseOthers, type TellFault as Tell, type YamlText } from '../yaml-faults.ts'
import type { Path } from '../yaml-source.ts'
import { OWNERSHIP_FAULTS, type OwnershipFaultCode } from './ownership-fault-catalogue.ts'

export type OwnershipText = YamlText
export type TellFault = Tell<OwnershipFaultCode>

export const readText = (text: OwnershipText) => readYamlText(text, OWNERSHIP_FAULTS, 'OWNERSHIP_UNREADABLE')

export const readMap = (value: unknown, path: Path, tell: TellFault): ReadonlyMap<string, unknown> =>
  namesIn(value, { path, tell, code: 'OWNERSHIP_VALUE_INVALID' })

export const refuseUnknown = (
  entries: ReadonlyMap<string, unknown>,
  known: readonly string[],
  { path, tell }: { path: Path; tell: TellFault },
): void => refuseOthers(entries, known, { path, tell, code: 'OWNERSHIP_SETTING_UNKNOWN' })
