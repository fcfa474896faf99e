import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'

/** JSON lines on standard error; `base` is in every line. */
export const createLog = (
  { logLevel }: Pick<Config, 'logLevel'>,
  base: Readonly<Record<string, unknown>> | null = null,
): Logger => pino({ level: logLevel, base }, pino.destination({ fd: 2, sync: true }))
