import { AssentError, type ErrorCode } from '../errors.ts'

/** One end of an IPC channel. */
export interface Channel {
  send(message: object, sent: (problem: Error | null) => void): unknown
  on(event: 'message', hear: (message: unknown) => void): unknown
}

/** Questions and their answers, both ways over one channel. */
export interface Conversation<Question> {
  /** Rejects with what the other side threw, or with `WORKER_SILENT` after `timeoutMs` or at the end of the channel. */
  ask(question: Question, timeoutMs: number): Promise<unknown>
  /** There will be no more answers. */
  end(): void
}

/** An error as it goes from process to process; the code of one nobody expected is `INTERNAL`. */
interface ToldError {
  readonly code: ErrorCode
  readonly place: string
  readonly message: string
}

type Spoken =
  | { readonly assent: 'question'; readonly id: number; readonly question: unknown }
  | { readonly assent: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly assent: 'refusal'; readonly id: number; readonly problem: ToldError }

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (problem: AssentError) => void
}

/** `answer` gives what is answered to the questions of the other side. */
export const converse = <Question>(
  channel: Channel,
  answer: (question: unknown) => Promise<unknown>,
): Conversation<Question> => {
  const waiting = new Map<number, Waiting>()
  let last = 0
  const say = (spoken: Spoken): void => void channel.send(spoken, () => undefined)
  channel.on('message', (message) => {
    const spoken = message as Spoken
    if (spoken.assent === 'question')
      void answer(spoken.question).then(
        (reply) => say({ assent: 'answer', id: spoken.id, answer: reply }),
        (problem: unknown) => say({ assent: 'refusal', id: spoken.id, problem: told(problem) }),
      )
    else if (spoken.assent === 'answer') waiting.get(spoken.id)?.resolve(spoken.answer)
    else if (spoken.assent === 'refusal') waiting.get(spoken.id)?.reject(revived(spoken.problem))
  })
  return {
    ask: (question, timeoutMs) =>
      new Promise((resolve, reject) => {
        const id = (last += 1)
        const settle = (): void => {
          clearTimeout(timer)
          waiting.delete(id)
        }
        const waits: Waiting = {
          resolve: (reply) => (settle(), resolve(reply)),
          reject: (problem) => (settle(), reject(problem)),
        }
        const timer = setTimeout(() => waits.reject(silent()), timeoutMs)
        waiting.set(id, waits)
        say({ assent: 'question', id, question })
      }),
    end() {
      for (const { reject } of waiting.values()) reject(silent())
    },
  }
}

const silent = (): AssentError => new AssentError('WORKER_SILENT', 'worker')

const told = (problem: unknown): ToldError => {
  const { code, message, extensions } =
    problem instanceof AssentError ? problem : new AssentError('INTERNAL', 'worker')
  return { code, message, place: String(extensions['place']) }
}

/** The message holds what was said of each fault. */
const revived = ({ code, place, message }: ToldError): AssentError => {
  const problem = new AssentError(code, place)
  problem.message = message
  return problem
}
