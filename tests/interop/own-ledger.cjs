'use strict'
// The connector's own ledger: it takes every transfer and remembers what was asked of it.
const { EventEmitter2 } = require('eventemitter2')

module.exports = class OwnLedger extends EventEmitter2 {
  constructor (settings) {
    super()
    this.settings = settings
    this.up = false
    this.done = []
    this.plans = new Map()
    OwnLedger.instance = this
  }

  async connect () { this.up = true; this.emit('connect') }
  async disconnect () { this.up = false }
  isConnected () { return this.up }
  getInfo () { return { ...this.settings, connectors: [] } }
  getAccount () { return `${this.settings.prefix}connector` }
  async getBalance () { return '0' }
  registerRequestHandler () {}
  deregisterRequestHandler () {}
  async sendRequest () { throw new Error('this ledger has no other party') }
  async sendTransfer (transfer) {
    this.done.push({ what: 'sent', transfer })
    const plan = this.plans.get(transfer.executionCondition)
    if (plan) setTimeout(() => this.follow(plan, transfer), plan.after)
  }

  follow ({ fulfillment, reason }, transfer) {
    if (fulfillment) this.emit('outgoing_fulfill', transfer, fulfillment)
    else if (reason) this.emit('outgoing_reject', transfer, reason)
  }
  async fulfillCondition (id, fulfillment) { this.done.push({ what: 'fulfilled', id, fulfillment }) }
  async rejectIncomingTransfer (id, reason) { this.done.push({ what: 'rejected', id, reason }) }
}
