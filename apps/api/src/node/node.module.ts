import { Module } from '@nestjs/common';
import { AgentLifecycle } from './agent-lifecycle.js';
import { NodeController } from './node.controller.js';

@Module({ controllers: [NodeController], providers: [AgentLifecycle], exports: [AgentLifecycle] })
export class NodeModule {}
