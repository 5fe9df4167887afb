import { Module } from '@nestjs/common';
import { FilesController } from './files.controller.js';
import { ThumbnailsController } from './thumbnails.controller.js';
import { Thumbnails } from './thumbnails.js';
import { TransferPlaces } from './transfer-places.js';
import { UploadsController } from './uploads.controller.js';

@Module({
  controllers: [FilesController, ThumbnailsController, UploadsController],
  providers: [Thumbnails, TransferPlaces],
})
export class FilesModule {}
