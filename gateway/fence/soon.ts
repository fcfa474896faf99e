/**
 * What is there already, or will be. Whoever knows everything goes on at once: a promise for what is known costs a turn of the
 * queue and an object for each step, on the way of every request.
 */
export type Soon<Value> = Value | Promise<Value>

export const after = <Value, Next>(value: Soon<Value>, next: (value: Value) => Next): Soon<Awaited<Next>> =>
  (value instanceof Promise ? value.then(next) : next(value)) as Soon<Awaited<Next>>
