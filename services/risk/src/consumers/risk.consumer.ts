import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type {
  AccountPolicyChanged,
  BalanceUpdated,
  HeldExitDue,
  OrderCompleted,
  OrderFilled,
  SignalValidated,
} from '@switchyard/contracts';
import type { Batch } from '@switchyard/log';
import { Consume } from '@switchyard/runtime';
import { commandOf } from '../handlers/commands.js';
import { DecideRisk, userOf } from '../handlers/decide-risk.js';

/** What was filled, and what it left, is booked in company: later signals ask for funds that they had before, and no order on its way to the venue waits for it. */
const PATIENCE_MS = 20;

@Controller()
export class RiskConsumer {
  constructor(private readonly risk: DecideRisk) {}

  @Consume<SignalValidated>({ topic: 'SignalValidated', reads: userOf })
  onSignalValidated(@Payload() batch: Batch<SignalValidated>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.signalValidated(event), event, unit);
    });
  }

  @Consume<AccountPolicyChanged>({ topic: 'AccountPolicyChanged', numbering: 'compacted', reads: userOf })
  onAccountPolicyChanged(@Payload() batch: Batch<AccountPolicyChanged>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.policyChanged(event), event, unit);
    });
  }

  @Consume<BalanceUpdated>({ topic: 'BalanceUpdated', patienceMs: PATIENCE_MS, reads: userOf })
  onBalanceUpdated(@Payload() batch: Batch<BalanceUpdated>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.balanceUpdated(event), event, unit);
    });
  }

  @Consume<OrderFilled>({ topic: 'OrderFilled', patienceMs: PATIENCE_MS, reads: userOf })
  onOrderFilled(@Payload() batch: Batch<OrderFilled>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.orderFilled(event), event, unit);
    });
  }

  @Consume<OrderCompleted>({ topic: 'OrderCompleted', patienceMs: PATIENCE_MS, reads: userOf })
  onOrderCompleted(@Payload() batch: Batch<OrderCompleted>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.orderCompleted(event), event, unit);
    });
  }

  @Consume<HeldExitDue>({ topic: 'HeldExitDue', reads: userOf })
  onHeldExitDue(@Payload() batch: Batch<HeldExitDue>): void {
    batch.each((event, unit) => {
      this.risk.handle(commandOf.heldExitDue(event), event, unit);
    });
  }
}
