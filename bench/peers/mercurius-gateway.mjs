// Federation 1, just-in-time compilation on. It asks each subgraph for its schema in the words of that version.
import fastify from 'fastify'
import mercuriusGateway from '@mercuriusjs/gateway'

const services = ['accounts', 'products', 'inventory', 'reviews'].map((name) => ({
  name,
  url: `${process.env.STAND_IN}/federation-1/${name}`,
}))
const app = fastify()
await app.register(mercuriusGateway, { gateway: { services }, jit: 1 })
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
