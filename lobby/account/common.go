package account

import (
	"slices"
	"strings"
)

// common are the passwords of 8 bytes and more that are tried first, sorted, in
// small letters. Shorter ones are refused anyway. The lockout gives an attacker
// some hundred guesses a day, so a short list does most of what a long one can.
var common = func() []string {
	all := strings.Fields(`
		12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 9876543210 11223344 12341234
		123123123 12344321 123454321 147258369 147852369 789456123 741852963 159753456 112233445566 123321123
		10203040 102030405 13131313 12121212 01234567 1111222233334444 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4
		q1w2e3r4t5 1qaz2wsx 1qaz2wsx3edc qazwsxedc zaq12wsx zaq1zaq1 !qaz2wsx qwertyui qwertyuiop qwerty12 qwerty123
		qwerty1234 qwerty12345 123qweasd 1234qwer 12345qwert qweasdzxc qweqweqwe asdfghjk asdfghjkl zxcvbnm123
		asdfasdf asdf1234 asdasdasd azertyuiop qwertzuiop abcdefgh abcd1234 abc12345 abc123456 abcabcabc 1a2b3c4d
		aa123456 a1234567 a12345678 a123456789 a1b2c3d4 password passw0rd p@ssw0rd p@ssword pa55word password1
		password12 password123 password1234 password! password1! passwort passwort1 motdepasse contraseña wachtwoord
		parola123 iloveyou iloveyou1 iloveyou2 ilovegod ihateyou loveyou1 lovelove lovely123 sunshine sunshine1
		princess princess1 football football1 baseball baseball1 basketball softball volleyball swimming superman
		batman123 spiderman starwars pokemon1 pokemon123 minecraft minecraft1 fortnite fortnite1 nintendo playstation
		warcraft starcraft counterstrike steam123 gamer123 gameover letmein1 letmein123 welcome1 welcome123 welcome2
		trustno1 whatever computer computer1 internet samsung1 samsung123 google123 facebook facebook1 linkedin
		michelle jennifer jessica1 charlie1 jordan23 michael1 ashley12 victoria samantha alexander benjamin
		elizabeth christian babygirl babyboy1 butterfly chocolate cheese123 dragon123 monkey123 shadow123 master123
		killer123 hunter12 hunter123 freedom1 liverpool liverpool1 chelsea1 arsenal1 barcelona manchester mercedes
		ferrari1 corvette mustang1 harley123 snowball midnight darkness mountain december november september
		changeme changeme1 changeme123 default1 default123 guest123 test1234 testtest testing1 testing123 temp1234
		secret123 admin123 admin1234 administrator root1234 access14 qwer1234 myspace1 godisgood jesus123 blessed1
		christ123 angel123 forever1 friends1 sweetheart summer123 winter123 spring123 autumn123 marlboro rockstar
		metallica slipknot blink182 eminem123 nirvana1 beautiful happy123 creative champion security maverick`)
	slices.Sort(all)
	return all
}()
