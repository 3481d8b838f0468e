"""How it is said in HTTP: views of few statements over services and selectors. docs/api.md is the contract."""
