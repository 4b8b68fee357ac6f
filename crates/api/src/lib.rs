//! Every command between a face and the app: requests, responses, views and error codes.
