import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ClonesController } from './clones.controller.js';

@Module({ imports: [AccessModule], controllers: [ClonesController] })
export class ClonesModule {}
