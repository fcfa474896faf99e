import type { YamlFault } from '../subgraphs/yaml-faults.ts'

/** What is wrong with a file, and on a line of its own what to do about it. */
export const faultAsText = ({ code, file, line, place, message, remedy }: YamlFault<string>): string =>
  `error  ${file}:${line}  ${place}  ${code}\n    ${message}\n    → ${remedy}`
