export { ConfigError, readConfig, type Config } from './config/config.js';
export { createLogger } from './logger.js';
export { serviceDatabase } from './node/database.js';
export { startService, type Service } from './start-service.js';
