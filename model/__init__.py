"""What things are: states, observations, domains, errors, words and colours. Pure; everyone may import it."""
