/** As the extension reads it, to the last bit. */
export const textOf = (vector: Float32Array): string => `[${vector.join(',')}]`
