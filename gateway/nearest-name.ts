export { nearestName } from '../directives/nearest-name.ts'
