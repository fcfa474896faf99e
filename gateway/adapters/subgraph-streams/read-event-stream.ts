/** One event of `text/event-stream`. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
}

/**
 * The events of a body (HTML Standard, "Server-sent events", §9.2.6), each bounded: a body without an end of line must not
 * fill the memory. Throws when an event is larger, or the text is not UTF-8.
 */
export async function* readEventStream(
  chunks: AsyncIterable<Uint8Array>,
  maxEventBytes: number,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const gathered = new EventGatherer()
  let rest = ''
  for await (const chunk of chunks) {
    // A carriage return at the end may be half of an end of line.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = gathered.take(line)
      if (gathered.size > maxEventBytes) throw new RangeError('an event is too large')
      if (event !== null) yield event
    }
    if (rest.length + gathered.size > maxEventBytes) throw new RangeError('an event is too large')
  }
}

class EventGatherer {
  private event = ''
  private data: string[] = []
  size = 0

  /** The event that this line ends, if it does. */
  take(line: string): ServerSentEvent | null {
    if (line === '') return this.finish()
    const [name, value] = splitField(line)
    this.size += line.length
    if (name === 'event') this.event = value
    if (name === 'data') this.data.push(value)
    return null
  }

  private finish(): ServerSentEvent | null {
    const { event, data } = this
    this.event = ''
    this.data = []
    this.size = 0
    return event === '' && data.length === 0 ? null : { event, data: data.join('\n') }
  }
}

/** Lines that begin with a colon are comments: servers send them to show that they are alive. */
const splitField = (line: string): [name: string, value: string] => {
  const at = line.indexOf(':')
  if (at < 0) return [line, '']
  return [line.slice(0, at), line.slice(line[at + 1] === ' ' ? at + 2 : at + 1)]
}
