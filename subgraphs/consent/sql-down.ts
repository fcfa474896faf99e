import { codedError } from '../coded-error.ts'

/** Tells a database that does not answer from one that says no: only the first is worth another try. */
export async function unlessDown<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw isDown(error) ? codedError('STORE_UNAVAILABLE') : error
  }
}

function isDown(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return DOWN.test(String(code)) || LOST.test(String(message))
}

/** Of the system, and SQLSTATE: no connection (08), no room for one (53), shut down, crashed or starting (57P). */
const DOWN =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND)|(08|53|57P)\w{3})$|^57P\d\d$/

/** What the driver says itself comes without a code. */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/
