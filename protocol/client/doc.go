// Package client is a player's side of Muster in Go: login and tickets over
// REST, the match over a socket. Bots, load tests and the project's own tests
// play through it; a studio's may too.
//
//	api := client.New("http://127.0.0.1:8080")
//	session, err := api.LoginGuest(ctx, "Ada")
//	ticket, err := session.CreateTicket(ctx, "arena-ffa")
//	ticket, err = session.AwaitPlaced(ctx, ticket.ID)
//	g, err := session.Join(ctx, ticket.Assignment, client.Options{Bot: bot})
//	over, err := g.Wait(ctx)
//
// A [Hall] is a connection that outlives matches, and a [Company] what is known
// of others on it: party, friends, chat and mail.
package client
