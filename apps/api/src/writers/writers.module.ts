import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { BlocksController } from './blocks.controller.js';
import { SettingsController } from './settings.controller.js';
import { WriteAccess } from './write-access.js';

@Module({
  imports: [AccessModule],
  controllers: [BlocksController, SettingsController],
  providers: [WriteAccess],
  exports: [WriteAccess],
})
export class WritersModule {}
