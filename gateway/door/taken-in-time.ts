import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * A client that does not take its answer in time is gone, and with it the answer and its connection: memory that anybody may
 * ask for and nobody else gives back (slow read attack, CWE-400). It has the time for each megabyte begun, whatever it does
 * meanwhile: one that takes a byte now and then, or goes on sending, would hold it for ever. Watched from when the answer is
 * written as a whole; most are then off our hands at once, and cost nothing here.
 */
export const takenInTime = (response: ServerResponse, timeoutMs: number): void => {
  response.once('prefinish', () => {
    const { socket, writableLength: waiting } = response
    if (socket === null || waiting === 0) return
    const timer = setTimeout(() => socket.destroy(), timeoutMs * Math.ceil(waiting / MEGABYTE)).unref()
    response.once('close', () => clearTimeout(timer))
  })
}

const MEGABYTE = 1_048_576

/** How long somebody has to read a last word. */
const LAST_WORD_MS = 500

/** Ends a connection with a text: closed at once it would lose it, left to the other side it may never close. */
export const endSoon = (socket: Duplex, text: string): void => {
  const timer = setTimeout(() => socket.destroy(), LAST_WORD_MS).unref()
  socket.once('error', () => socket.destroy())
  socket.once('close', () => clearTimeout(timer))
  socket.end(text)
}
