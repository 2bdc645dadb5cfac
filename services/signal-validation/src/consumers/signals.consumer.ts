import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { Batch } from '@switchyard/log';
import { Consume } from '@switchyard/runtime';
import { documentsOf, keepPolicy, policyOf, ValidateSignals } from '../handlers/validate-signals.js';

@Controller()
export class SignalsConsumer {
  constructor(private readonly signals: ValidateSignals) {}

  @Consume({ topic: 'TradingSignalGenerated', numbering: 'door', reads: documentsOf })
  onTradingSignalGenerated(@Payload() batch: Batch): void {
    batch.each((event, unit) => {
      this.signals.decide(event, unit);
    });
  }

  @Consume<AccountPolicyChanged>({ topic: 'AccountPolicyChanged', numbering: 'compacted', reads: policyOf })
  onAccountPolicyChanged(@Payload() batch: Batch<AccountPolicyChanged>): void {
    batch.each(keepPolicy);
  }
}
