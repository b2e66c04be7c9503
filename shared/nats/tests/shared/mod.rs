mod bytes;
mod files;
mod keyring;
mod keyring_contract;
mod opening;
mod secrets;
