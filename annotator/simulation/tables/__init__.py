"""The numbers that are compared, a table each: `of_log` by the crew's own log, `of_server` as the server has them."""
