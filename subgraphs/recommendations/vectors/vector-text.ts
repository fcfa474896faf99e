/** As the extension reads it, to the last bit. */
export const textOf = (vector: Float32Array): string => `[${vector.join(',')}]`

export const vectorOf = (text: string): Float32Array => Float32Array.from(JSON.parse(text) as number[])
