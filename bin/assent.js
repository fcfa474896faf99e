#!/usr/bin/env node
import('../dist/cli/assent.js')
