import { Module } from '@nestjs/common';
import { FilesController } from './files.controller.js';
import { TransferPlaces } from './transfer-places.js';
import { UploadsController } from './uploads.controller.js';

@Module({ controllers: [FilesController, UploadsController], providers: [TransferPlaces] })
export class FilesModule {}
