import { Command } from 'commander'
export const dataCommand = (): Command => new Command('data')
