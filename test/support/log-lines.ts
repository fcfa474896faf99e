import { EventEmitter, once } from 'node:events'
import { pino, type Logger } from 'pino'

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [name: string]: unknown
}

export interface LogLines {
  readonly log: Logger
  readonly lines: LogLine[]
  /** The first line from now on that matches. */
  next(message: RegExp): Promise<LogLine>
}

/** A log that is read as an operator would read it. */
export const createLogLines = (): LogLines => {
  const lines: LogLine[] = []
  const written = new EventEmitter().setMaxListeners(0)
  const log = pino(
    { level: 'info', base: null },
    {
      write(text: string) {
        const line = JSON.parse(text) as LogLine
        lines.push(line)
        written.emit('line', line)
      },
    },
  )
  return {
    log,
    lines,
    async next(message) {
      for (;;) {
        const [line] = (await once(written, 'line')) as [LogLine]
        if (message.test(line.msg)) return line
      }
    },
  }
}
