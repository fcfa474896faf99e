import { canary } from '../../support/people-graph.ts'
import { devices, interfaceObject, orders, provided } from './entity-graphs.ts'
import type { Row } from './row.ts'

export const entityRows: readonly Row[] = [
  {
    title: 'what belongs to a customer is asked of the customer, under the record’s own key',
    graph: orders,
    query: '{ orders { orderId total } }',
    data: {
      orders: [
        { orderId: 'o1', total: null },
        { orderId: 'o2', total: canary('o2', 'total') },
        { orderId: 'o3', total: null },
      ],
    },
    withheld: [
      'Order.total at orders.0.total: REFUSED profiling',
      'Order.total at orders.2.total: UNKNOWN_SUBJECT profiling',
    ],
    sent: ['orders: orders{orderId customer{id}}', 'orders: _entities(Order o2){orderId total}'],
    asked: [['bo', 'ada']],
  },
  {
    title: 'a record and the person it belongs to are decided by the same person',
    graph: orders,
    query: '{ orders { total customer { id email } } }',
    data: {
      orders: [
        { total: null, customer: { id: 'bo', email: null } },
        { total: canary('o2', 'total'), customer: { id: 'ada', email: canary('ada', 'email') } },
        { total: null, customer: null },
      ],
    },
    withheld: [
      'Order.total at orders.0.total: REFUSED profiling',
      'Person.email at orders.0.customer.email: REFUSED contact',
      'Order.total at orders.2.total: UNKNOWN_SUBJECT profiling',
    ],
    sent: [
      'orders: orders{customer{id} orderId}',
      'orders: _entities(Person ada){id email} + _entities(Order o2){orderId total}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'a second subgraph that knows a record by another key first says whose it is',
    graph: orders,
    query: '{ orders { street } }',
    data: { orders: [{ street: null }, { street: canary('o2', 'street') }, { street: null }] },
    withheld: [
      'Order.street at orders.0.street: REFUSED contact',
      'Order.street at orders.2.street: UNKNOWN_SUBJECT contact',
    ],
    sent: [
      'orders: orders{orderId}',
      'shipping: _entities(Order o1, o2, o3){orderId _assent_subject_customer:customer{id}}',
      'shipping: _entities(Order o2){orderId street}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'where a representation does not say whose it is, a first step asks for that alone',
    graph: devices,
    query: '{ devices { model place } }',
    data: {
      devices: [
        { model: 'phone', place: null },
        { model: 'phone', place: canary('d2', 'place') },
        { model: 'phone', place: null },
      ],
    },
    withheld: [
      'Device.place at devices.0.place: REFUSED contact',
      'Device.place at devices.2.place: UNKNOWN_SUBJECT contact',
    ],
    sent: [
      'catalogue: devices{model sku}',
      'tracking: _entities(Device d1, d2, d3){sku _assent_subject_ownerId:ownerId}',
      'tracking: _entities(Device d2){sku place}',
    ],
    asked: [['bo', 'ada']],
  },
  {
    title: 'a promise to provide a protected field is not taken up',
    graph: provided,
    query: '{ featured { name email } }',
    data: {
      featured: [
        { name: 'stage name of ada', email: canary('ada', 'email') },
        { name: 'stage name of bo', email: null },
        { name: 'stage name of cyd', email: canary('cyd', 'email') },
      ],
    },
    withheld: ['Person.email at featured.1.email: REFUSED contact'],
    sent: ['stage: featured{name id}', 'people: _entities(Person ada, cyd){id email}'],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'a field of an interface object is decided for each person behind the interface',
    graph: interfaceObject,
    query: '{ profiles { id mood weather } }',
    data: {
      profiles: [
        { id: 'ada', mood: canary('ada', 'mood'), weather: 'fair' },
        { id: 'bo', mood: null, weather: 'fair' },
        { id: 'cyd', mood: canary('cyd', 'mood'), weather: 'fair' },
      ],
    },
    withheld: ['Adult.mood at profiles.1.mood: REFUSED contact'],
    sent: [
      'profiles: profiles{id}',
      'moods: _entities(Profile ada){id mood weather} + _entities(Profile bo){id weather} + _entities(Profile cyd){id mood weather}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
  {
    title: 'people found through an interface object are decided for each, too',
    graph: interfaceObject,
    query: '{ moods { __typename mood } }',
    data: {
      moods: [
        { __typename: 'Adult', mood: canary('ada', 'mood') },
        { __typename: 'Adult', mood: null },
        { __typename: 'Child', mood: canary('cyd', 'mood') },
      ],
    },
    withheld: ['Adult.mood at moods.1.mood: REFUSED contact'],
    sent: [
      'moods: moods{id}',
      'profiles: _entities(Profile ada, bo, cyd){id}',
      'moods: _entities(Profile ada, cyd){id mood}',
    ],
    asked: [['ada', 'bo', 'cyd']],
  },
]
