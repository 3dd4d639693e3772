#ifdef PEG
struct T_SRC {
	char *fl; int ln;
} T_SRC[NTRANS];

void
tr_2_src(int m, char *file, int ln)
{	T_SRC[m].fl = file;
	T_SRC[m].ln = ln;
}

void
putpeg(int n, int m)
{	printf("%5d	trans %4d ", m, n);
	printf("%s:%d\n",
		T_SRC[n].fl, T_SRC[n].ln);
}
#endif

void
settable(void)
{	Trans *T;
	Trans *settr(int, int, int, int, int, char *, int, int, int);

	trans = (Trans ***) emalloc(2*sizeof(Trans **));

	/* proctype 0: world */

	trans[0] = (Trans **) emalloc(338*sizeof(Trans *));

/*->*/	trans[0][32]	= settr(31,32,334,3,3,"D_STEP310", 1, 2, 0);
	trans[0][335]	= settr(334,0,334,1,0,".(goto)", 0, 2, 0);
	T = trans[0][334] = settr(333,0,0,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(333,0,333,0,0,"DO", 0, 2, 0);
	T = trans[ 0][333] = settr(332,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(332,2,40,0,0,"ATOMIC", 1, 2, 0);
	T = trans[ 0][40] = settr(39,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(39,0,33,0,0,"sub-sequence", 1, 2, 0);
	trans[0][33]	= settr(32,2,37,4,4,"a = 0", 1, 2, 0);
	trans[0][38]	= settr(37,2,37,1,0,".(goto)", 1, 2, 0);
	T = trans[0][37] = settr(36,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(36,2,34,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(36,2,36,0,0,"DO", 1, 2, 0);
	trans[0][34]	= settr(33,2,37,5,5,"((a<(3-1)))", 1, 2, 0); /* m: 35 -> 37,0 */
	reached0[35] = 1;
	trans[0][35]	= settr(0,0,0,0,0,"a = (a+1)",0,0,0);
	trans[0][36]	= settr(35,2,48,1,0,"goto :b4", 1, 2, 0);
	trans[0][39]	= settr(38,2,48,1,0,"break", 1, 2, 0);
	T = trans[ 0][48] = settr(47,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(47,0,41,0,0,"sub-sequence", 1, 2, 0);
	trans[0][41]	= settr(40,2,45,6,6,"b = 0", 1, 2, 0);
	trans[0][46]	= settr(45,2,45,1,0,".(goto)", 1, 2, 0);
	T = trans[0][45] = settr(44,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(44,2,42,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(44,2,44,0,0,"DO", 1, 2, 0);
	trans[0][42]	= settr(41,2,45,7,7,"((b<(3-1)))", 1, 2, 0); /* m: 43 -> 45,0 */
	reached0[43] = 1;
	trans[0][43]	= settr(0,0,0,0,0,"b = (b+1)",0,0,0);
	trans[0][44]	= settr(43,2,308,1,0,"goto :b5", 1, 2, 0);
	trans[0][47]	= settr(46,2,308,1,0,"break", 1, 2, 0);
	T = trans[0][308] = settr(307,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,87,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,104,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,112,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,137,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,147,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,186,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,187,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,189,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,202,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,205,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,207,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,209,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(307,2,307,0,0,"IF", 1, 2, 0);
	T = trans[ 0][87] = settr(86,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(86,0,49,0,0,"sub-sequence", 1, 2, 0);
	trans[0][49]	= settr(48,2,60,8,8,"t = want_term[a]", 1, 2, 0); /* m: 50 -> 0,60 */
	reached0[50] = 1;
	trans[0][50]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][61]	= settr(60,2,60,1,0,".(goto)", 1, 2, 0);
	T = trans[0][60] = settr(59,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(59,2,51,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(59,2,58,0,0,"DO", 1, 2, 0);
	trans[0][51]	= settr(50,2,55,9,0,"((k<3))", 1, 2, 0);
	T = trans[0][55] = settr(54,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(54,2,52,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(54,2,54,0,0,"IF", 1, 2, 0);
	trans[0][52]	= settr(51,2,60,10,10,"((term[k]>t))", 1, 2, 0); /* m: 53 -> 60,0 */
	reached0[53] = 1;
	trans[0][53]	= settr(0,0,0,0,0,"t = term[k]",0,0,0);
	trans[0][56]	= settr(55,2,57,1,0,".(goto)", 1, 2, 0); /* m: 57 -> 0,60 */
	reached0[57] = 1;
	trans[0][54]	= settr(53,2,57,2,0,"else", 1, 2, 0);
	trans[0][57]	= settr(56,2,60,11,11,"k = (k+1)", 1, 2, 0);
	trans[0][58]	= settr(57,2,85,2,0,"else", 1, 2, 0);
	trans[0][59]	= settr(58,2,85,1,0,"goto :b6", 1, 2, 0);
	trans[0][62]	= settr(61,2,85,1,0,"break", 1, 2, 0);
	T = trans[0][85] = settr(84,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(84,2,63,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(84,2,84,0,0,"IF", 1, 2, 0);
	trans[0][63]	= settr(62,2,79,12,12,"(((t<3)&&((acting[a]!=0)||((abstain[a]==0)&&((promise[a]==0)||(promised[a]==a))))))", 1, 2, 0); /* m: 64 -> 79,0 */
	reached0[64] = 1;
	trans[0][64]	= settr(0,0,0,0,0,"t = (t+1)",0,0,0);
	trans[0][65]	= settr(0,0,0,0,0,"want_term[a] = t",0,0,0);
	trans[0][66]	= settr(0,0,0,0,0,"want_vote[a] = a",0,0,0);
	T = trans[0][79] = settr(78,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(78,2,67,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(78,2,78,0,0,"IF", 1, 2, 0);
	trans[0][67]	= settr(66,2,75,13,13,"((acting[a]==0))", 1, 2, 0); /* m: 68 -> 75,0 */
	reached0[68] = 1;
	trans[0][68]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][76]	= settr(75,2,75,1,0,".(goto)", 1, 2, 0);
	T = trans[0][75] = settr(74,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(74,2,69,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(74,2,73,0,0,"DO", 1, 2, 0);
	trans[0][69]	= settr(68,2,75,14,14,"((k<3))", 1, 2, 0); /* m: 70 -> 75,0 */
	reached0[70] = 1;
	trans[0][70]	= settr(0,0,0,0,0,"lease[((a*3)+k)] = 0",0,0,0);
	trans[0][71]	= settr(0,0,0,0,0,"age[((k*3)+a)] = (2+1)",0,0,0);
	trans[0][72]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][73]	= settr(72,2,81,2,0,"else", 1, 2, 0);
	trans[0][74]	= settr(73,2,81,1,0,"goto :b7", 1, 2, 0); /* m: 81 -> 0,330 */
	reached0[81] = 1;
	trans[0][77]	= settr(76,2,81,1,0,"break", 1, 2, 0);
	trans[0][80]	= settr(79,2,81,1,0,".(goto)", 1, 2, 0); /* m: 81 -> 0,330 */
	reached0[81] = 1;
	trans[0][78]	= settr(77,2,81,2,0,"else", 1, 2, 0);
	trans[0][81]	= settr(80,2,330,15,15,"standing[a] = 1", 1, 2, 0); /* m: 82 -> 0,330 */
	reached0[82] = 1;
	trans[0][82]	= settr(0,0,0,0,0,"promised[a] = a",0,0,0);
	trans[0][83]	= settr(0,0,0,0,0,"promise[a] = 2",0,0,0);
	trans[0][86]	= settr(85,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][84]	= settr(83,2,330,2,0,"else", 1, 2, 0);
	trans[0][309]	= settr(308,2,330,1,0,".(goto)", 1, 2, 0);
	T = trans[ 0][104] = settr(103,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(103,0,88,0,0,"sub-sequence", 1, 2, 0);
	trans[0][88]	= settr(87,2,92,16,16,"t = (want_term[a]+1)", 1, 2, 0);
	trans[0][93]	= settr(92,2,92,1,0,".(goto)", 1, 2, 0);
	T = trans[0][92] = settr(91,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(91,2,89,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(91,2,91,0,0,"DO", 1, 2, 0);
	trans[0][89]	= settr(88,2,92,17,17,"((t<3))", 1, 2, 0); /* m: 90 -> 92,0 */
	reached0[90] = 1;
	trans[0][90]	= settr(0,0,0,0,0,"t = (t+1)",0,0,0);
	trans[0][91]	= settr(90,2,102,1,0,"goto :b8", 1, 2, 0);
	trans[0][94]	= settr(93,2,102,1,0,"break", 1, 2, 0);
	T = trans[0][102] = settr(101,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(101,2,95,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(101,2,101,0,0,"IF", 1, 2, 0);
	trans[0][95]	= settr(94,2,330,18,18,"((((((a!=b)&&(t<=3))&&stood[((b*(3+1))+t)])&&((abstain[a]==0)&&((promise[a]==0)||(promised[a]==b))))&&(acting[a]==0)))", 1, 2, 0); /* m: 96 -> 330,0 */
	reached0[96] = 1;
	trans[0][96]	= settr(0,0,0,0,0,"want_term[a] = t",0,0,0);
	trans[0][97]	= settr(0,0,0,0,0,"want_vote[a] = b",0,0,0);
	trans[0][98]	= settr(0,0,0,0,0,"standing[a] = 0",0,0,0);
	trans[0][99]	= settr(0,0,0,0,0,"promised[a] = b",0,0,0);
	trans[0][100]	= settr(0,0,0,0,0,"promise[a] = 2",0,0,0);
	trans[0][103]	= settr(102,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][101]	= settr(100,2,330,2,0,"else", 1, 2, 0);
	T = trans[ 0][112] = settr(111,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(111,0,110,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][110] = settr(109,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(109,2,105,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(109,2,109,0,0,"IF", 1, 2, 0);
	trans[0][105]	= settr(104,2,330,19,19,"((((((a!=b)&&(standing[b]||(acting[b]!=0)))&&(want_vote[a]==b))&&((acting[b]==0)||(want_term[a]>=acting[b])))&&(term[a]==want_term[a])))", 1, 2, 0); /* m: 106 -> 330,0 */
	reached0[106] = 1;
	trans[0][106]	= settr(0,0,0,0,0,"promised[a] = b",0,0,0);
	trans[0][107]	= settr(0,0,0,0,0,"promise[a] = 2",0,0,0);
	trans[0][108]	= settr(0,0,0,0,0,"age[((a*3)+b)] = 0",0,0,0);
	trans[0][111]	= settr(110,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][109]	= settr(108,2,330,2,0,"else", 1, 2, 0);
	T = trans[ 0][137] = settr(136,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(136,0,135,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][135] = settr(134,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(134,2,113,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(134,2,134,0,0,"IF", 1, 2, 0);
	trans[0][113]	= settr(112,2,125,20,0,"((((((a!=b)&&(acting[b]!=0))&&(acting[b]>=want_term[a]))&&(acting[a]<acting[b]))&&!(((want_term[a]==acting[b])&&(want_vote[a]!=b)))))", 1, 2, 0);
	T = trans[ 0][125] = settr(124,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(124,0,114,0,0,"sub-sequence", 1, 2, 0);
	trans[0][114]	= settr(113,2,122,21,21,"standing[a] = 0", 1, 2, 0); /* m: 115 -> 0,122 */
	reached0[115] = 1;
	trans[0][115]	= settr(0,0,0,0,0,"acting[a] = 0",0,0,0);
	trans[0][116]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][123]	= settr(122,2,122,1,0,".(goto)", 1, 2, 0);
	T = trans[0][122] = settr(121,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(121,2,117,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(121,2,120,0,0,"DO", 1, 2, 0);
	trans[0][117]	= settr(116,2,122,22,22,"((k<3))", 1, 2, 0); /* m: 118 -> 122,0 */
	reached0[118] = 1;
	trans[0][118]	= settr(0,0,0,0,0,"lease[((a*3)+k)] = 0",0,0,0);
	trans[0][119]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][120]	= settr(119,2,130,2,0,"else", 1, 2, 0);
	trans[0][121]	= settr(120,2,130,1,0,"goto :b9", 1, 2, 0);
	trans[0][124]	= settr(123,2,130,1,0,"break", 1, 2, 0);
	T = trans[0][130] = settr(129,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(129,2,126,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(129,2,129,0,0,"IF", 1, 2, 0);
	trans[0][126]	= settr(125,2,330,23,23,"((acting[b]>want_term[a]))", 1, 2, 0); /* m: 127 -> 330,0 */
	reached0[127] = 1;
	trans[0][127]	= settr(0,0,0,0,0,"want_term[a] = acting[b]",0,0,0);
	trans[0][128]	= settr(0,0,0,0,0,"want_vote[a] = b",0,0,0);
	trans[0][131]	= settr(130,2,132,1,0,".(goto)", 1, 2, 0); /* m: 132 -> 0,330 */
	reached0[132] = 1;
	trans[0][129]	= settr(128,2,132,2,0,"else", 1, 2, 0);
	trans[0][132]	= settr(131,2,330,24,24,"promised[a] = b", 1, 2, 0); /* m: 133 -> 0,330 */
	reached0[133] = 1;
	trans[0][133]	= settr(0,0,0,0,0,"promise[a] = 2",0,0,0);
	trans[0][136]	= settr(135,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][134]	= settr(133,2,330,2,0,"else", 1, 2, 0);
	T = trans[ 0][147] = settr(146,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(146,0,145,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][145] = settr(144,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(144,2,138,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(144,2,144,0,0,"IF", 1, 2, 0);
	trans[0][138]	= settr(137,2,142,25,0,"((((b!=a)&&(age[((b*3)+a)]<2))&&(standing[a]||(acting[a]!=0))))", 1, 2, 0);
	T = trans[0][142] = settr(141,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(141,2,139,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(141,2,141,0,0,"IF", 1, 2, 0);
	trans[0][139]	= settr(138,2,330,26,26,"(((2-age[((b*3)+a)])>lease[((a*3)+b)]))", 1, 2, 0); /* m: 140 -> 330,0 */
	reached0[140] = 1;
	trans[0][140]	= settr(0,0,0,0,0,"lease[((a*3)+b)] = (2-age[((b*3)+a)])",0,0,0);
	trans[0][143]	= settr(142,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][141]	= settr(140,2,330,2,0,"else", 1, 2, 0);
	trans[0][146]	= settr(145,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][144]	= settr(143,2,330,2,0,"else", 1, 2, 0);
	T = trans[ 0][186] = settr(185,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(185,0,148,0,0,"sub-sequence", 1, 2, 0);
	trans[0][148]	= settr(147,2,159,27,27,"n = 0", 1, 2, 0); /* m: 149 -> 0,159 */
	reached0[149] = 1;
	trans[0][149]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][160]	= settr(159,2,159,1,0,".(goto)", 1, 2, 0);
	T = trans[0][159] = settr(158,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(158,2,150,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(158,2,157,0,0,"DO", 1, 2, 0);
	trans[0][150]	= settr(149,2,154,28,0,"((i<3))", 1, 2, 0);
	T = trans[0][154] = settr(153,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(153,2,151,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(153,2,153,0,0,"IF", 1, 2, 0);
	trans[0][151]	= settr(150,2,159,29,29,"((((term[a]==want_term[a])&&(term[i]==want_term[a]))&&(vote[i]==a)))", 1, 2, 0); /* m: 152 -> 159,0 */
	reached0[152] = 1;
	trans[0][152]	= settr(0,0,0,0,0,"n = (n+1)",0,0,0);
	trans[0][155]	= settr(154,2,156,1,0,".(goto)", 1, 2, 0); /* m: 156 -> 0,159 */
	reached0[156] = 1;
	trans[0][153]	= settr(152,2,156,2,0,"else", 1, 2, 0);
	trans[0][156]	= settr(155,2,159,30,30,"i = (i+1)", 1, 2, 0);
	trans[0][157]	= settr(156,2,176,2,0,"else", 1, 2, 0);
	trans[0][158]	= settr(157,2,176,1,0,"goto :b10", 1, 2, 0);
	trans[0][161]	= settr(160,2,176,1,0,"break", 1, 2, 0);
	T = trans[ 0][176] = settr(175,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(175,0,162,0,0,"sub-sequence", 1, 2, 0);
	trans[0][162]	= settr(161,2,173,31,31,"m = 0", 1, 2, 0); /* m: 163 -> 0,173 */
	reached0[163] = 1;
	trans[0][163]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][174]	= settr(173,2,173,1,0,".(goto)", 1, 2, 0);
	T = trans[0][173] = settr(172,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(172,2,164,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(172,2,171,0,0,"DO", 1, 2, 0);
	trans[0][164]	= settr(163,2,168,32,0,"((k<3))", 1, 2, 0);
	T = trans[0][168] = settr(167,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(167,2,165,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(167,2,167,0,0,"IF", 1, 2, 0);
	trans[0][165]	= settr(164,2,173,33,33,"(((k!=a)&&(lease[((a*3)+k)]>0)))", 1, 2, 0); /* m: 166 -> 173,0 */
	reached0[166] = 1;
	trans[0][166]	= settr(0,0,0,0,0,"m = (m+1)",0,0,0);
	trans[0][169]	= settr(168,2,170,1,0,".(goto)", 1, 2, 0); /* m: 170 -> 0,173 */
	reached0[170] = 1;
	trans[0][167]	= settr(166,2,170,2,0,"else", 1, 2, 0);
	trans[0][170]	= settr(169,2,173,34,34,"k = (k+1)", 1, 2, 0);
	trans[0][171]	= settr(170,2,184,2,0,"else", 1, 2, 0);
	trans[0][172]	= settr(171,2,184,1,0,"goto :b11", 1, 2, 0);
	trans[0][175]	= settr(174,2,184,1,0,"break", 1, 2, 0);
	T = trans[0][184] = settr(183,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(183,2,177,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(183,2,183,0,0,"IF", 1, 2, 0);
	trans[0][177]	= settr(176,2,330,35,35,"(((standing[a]&&(n>=((3/2)+1)))&&(m>=(((3/2)+1)-1))))", 1, 2, 0); /* m: 178 -> 330,0 */
	reached0[178] = 1;
	trans[0][178]	= settr(0,0,0,0,0,"t = want_term[a]",0,0,0);
	trans[0][179]	= settr(0,0,0,0,0,"assert((winner[t]==3))",0,0,0);
	trans[0][180]	= settr(0,0,0,0,0,"winner[t] = a",0,0,0);
	trans[0][181]	= settr(0,0,0,0,0,"acting[a] = t",0,0,0);
	trans[0][182]	= settr(0,0,0,0,0,"standing[a] = 0",0,0,0);
	trans[0][185]	= settr(184,2,330,1,0,".(goto)", 1, 2, 0);
	trans[0][183]	= settr(182,2,330,2,0,"else", 1, 2, 0);
	trans[0][187]	= settr(186,2,330,36,36,"((standing[a]&&(acting[a]==0)))", 1, 2, 0); /* m: 188 -> 330,0 */
	reached0[188] = 1;
	trans[0][188]	= settr(0,0,0,0,0,"standing[a] = 0",0,0,0);
	trans[0][189]	= settr(188,2,201,37,0,"((acting[a]!=0))", 1, 2, 0);
	T = trans[ 0][201] = settr(200,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(200,0,190,0,0,"sub-sequence", 1, 2, 0);
	trans[0][190]	= settr(189,2,198,38,38,"standing[a] = 0", 1, 2, 0); /* m: 191 -> 0,198 */
	reached0[191] = 1;
	trans[0][191]	= settr(0,0,0,0,0,"acting[a] = 0",0,0,0);
	trans[0][192]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][199]	= settr(198,2,198,1,0,".(goto)", 1, 2, 0);
	T = trans[0][198] = settr(197,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(197,2,193,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(197,2,196,0,0,"DO", 1, 2, 0);
	trans[0][193]	= settr(192,2,198,39,39,"((k<3))", 1, 2, 0); /* m: 194 -> 198,0 */
	reached0[194] = 1;
	trans[0][194]	= settr(0,0,0,0,0,"lease[((a*3)+k)] = 0",0,0,0);
	trans[0][195]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][196]	= settr(195,2,330,2,0,"else", 1, 2, 0);
	trans[0][197]	= settr(196,2,330,1,0,"goto :b12", 1, 2, 0);
	trans[0][200]	= settr(199,2,330,1,0,"break", 1, 2, 0);
	trans[0][202]	= settr(201,2,330,40,40,"(((term[a]!=want_term[a])||(vote[a]!=want_vote[a])))", 1, 2, 0); /* m: 203 -> 330,0 */
	reached0[203] = 1;
	trans[0][203]	= settr(0,0,0,0,0,"term[a] = want_term[a]",0,0,0);
	trans[0][204]	= settr(0,0,0,0,0,"vote[a] = want_vote[a]",0,0,0);
	trans[0][205]	= settr(204,2,330,41,41,"((((standing[a]&&(term[a]==want_term[a]))&&(vote[a]==a))&&!(stood[((a*(3+1))+want_term[a])])))", 1, 2, 0); /* m: 206 -> 330,0 */
	reached0[206] = 1;
	trans[0][206]	= settr(0,0,0,0,0,"stood[((a*(3+1))+want_term[a])] = 1",0,0,0);
	trans[0][207]	= settr(206,2,330,42,42,"(((((a!=b)&&(promised[b]==a))&&!(standing[a]))&&(acting[a]==0)))", 1, 2, 0); /* m: 208 -> 330,0 */
	reached0[208] = 1;
	trans[0][208]	= settr(0,0,0,0,0,"promise[b] = 0",0,0,0);
	trans[0][209]	= settr(208,2,228,43,0,"((crashes<2))", 1, 2, 0);
	T = trans[ 0][228] = settr(227,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(227,0,210,0,0,"sub-sequence", 1, 2, 0);
	trans[0][210]	= settr(209,2,222,44,44,"crashes = (crashes+1)", 1, 2, 0);
	T = trans[ 0][222] = settr(221,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(221,0,211,0,0,"sub-sequence", 1, 2, 0);
	trans[0][211]	= settr(210,2,219,45,45,"standing[a] = 0", 1, 2, 0); /* m: 212 -> 0,219 */
	reached0[212] = 1;
	trans[0][212]	= settr(0,0,0,0,0,"acting[a] = 0",0,0,0);
	trans[0][213]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][220]	= settr(219,2,219,1,0,".(goto)", 1, 2, 0);
	T = trans[0][219] = settr(218,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(218,2,214,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(218,2,217,0,0,"DO", 1, 2, 0);
	trans[0][214]	= settr(213,2,219,46,46,"((k<3))", 1, 2, 0); /* m: 215 -> 219,0 */
	reached0[215] = 1;
	trans[0][215]	= settr(0,0,0,0,0,"lease[((a*3)+k)] = 0",0,0,0);
	trans[0][216]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][217]	= settr(216,2,223,2,0,"else", 1, 2, 0);
	trans[0][218]	= settr(217,2,223,1,0,"goto :b13", 1, 2, 0); /* m: 223 -> 0,330 */
	reached0[223] = 1;
	trans[0][221]	= settr(220,2,223,1,0,"break", 1, 2, 0);
	trans[0][223]	= settr(222,2,330,47,47,"want_term[a] = term[a]", 1, 2, 0); /* m: 224 -> 0,330 */
	reached0[224] = 1;
	trans[0][224]	= settr(0,0,0,0,0,"want_vote[a] = vote[a]",0,0,0);
	trans[0][225]	= settr(0,0,0,0,0,"promised[a] = 3",0,0,0);
	trans[0][226]	= settr(0,0,0,0,0,"promise[a] = 0",0,0,0);
	trans[0][227]	= settr(0,0,0,0,0,"abstain[a] = 2",0,0,0);
	T = trans[ 0][307] = settr(306,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(306,0,229,0,0,"sub-sequence", 1, 2, 0);
	trans[0][229]	= settr(228,2,265,48,48,"i = 0", 1, 2, 0);
	trans[0][266]	= settr(265,2,265,1,0,".(goto)", 1, 2, 0);
	T = trans[0][265] = settr(264,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(264,2,230,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(264,2,263,0,0,"DO", 1, 2, 0);
	trans[0][230]	= settr(229,2,236,49,0,"((i<3))", 1, 2, 0);
	T = trans[ 0][236] = settr(235,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(235,0,234,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][234] = settr(233,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(233,2,231,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(233,2,233,0,0,"IF", 1, 2, 0);
	trans[0][231]	= settr(230,2,242,50,50,"((promise[i]>0))", 1, 2, 0); /* m: 232 -> 242,0 */
	reached0[232] = 1;
	trans[0][232]	= settr(0,0,0,0,0,"promise[i] = (promise[i]-1)",0,0,0);
	trans[0][235]	= settr(234,2,242,1,0,".(goto)", 1, 2, 0);
	trans[0][233]	= settr(232,2,242,2,0,"else", 1, 2, 0);
	T = trans[ 0][242] = settr(241,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(241,0,240,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][240] = settr(239,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(239,2,237,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(239,2,239,0,0,"IF", 1, 2, 0);
	trans[0][237]	= settr(236,2,259,51,51,"((abstain[i]>0))", 1, 2, 0); /* m: 238 -> 259,0 */
	reached0[238] = 1;
	trans[0][238]	= settr(0,0,0,0,0,"abstain[i] = (abstain[i]-1)",0,0,0);
	trans[0][241]	= settr(240,2,243,1,0,".(goto)", 1, 2, 0); /* m: 243 -> 0,259 */
	reached0[243] = 1;
	trans[0][239]	= settr(238,2,243,2,0,"else", 1, 2, 0);
	trans[0][243]	= settr(242,2,259,52,52,"k = 0", 1, 2, 0);
	trans[0][260]	= settr(259,2,259,1,0,".(goto)", 1, 2, 0);
	T = trans[0][259] = settr(258,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(258,2,244,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(258,2,257,0,0,"DO", 1, 2, 0);
	trans[0][244]	= settr(243,2,250,53,0,"((k<3))", 1, 2, 0);
	T = trans[ 0][250] = settr(249,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(249,0,248,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][248] = settr(247,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(247,2,245,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(247,2,247,0,0,"IF", 1, 2, 0);
	trans[0][245]	= settr(244,2,254,54,54,"((lease[((i*3)+k)]>0))", 1, 2, 0); /* m: 246 -> 254,0 */
	reached0[246] = 1;
	trans[0][246]	= settr(0,0,0,0,0,"lease[((i*3)+k)] = (lease[((i*3)+k)]-1)",0,0,0);
	trans[0][249]	= settr(248,2,254,1,0,".(goto)", 1, 2, 0);
	trans[0][247]	= settr(246,2,254,2,0,"else", 1, 2, 0);
	T = trans[0][254] = settr(253,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(253,2,251,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(253,2,253,0,0,"IF", 1, 2, 0);
	trans[0][251]	= settr(250,2,259,55,55,"((age[((i*3)+k)]<(2+1)))", 1, 2, 0); /* m: 252 -> 259,0 */
	reached0[252] = 1;
	trans[0][252]	= settr(0,0,0,0,0,"age[((i*3)+k)] = (age[((i*3)+k)]+1)",0,0,0);
	trans[0][255]	= settr(254,2,256,1,0,".(goto)", 1, 2, 0); /* m: 256 -> 0,259 */
	reached0[256] = 1;
	trans[0][253]	= settr(252,2,256,2,0,"else", 1, 2, 0);
	trans[0][256]	= settr(255,2,259,56,56,"k = (k+1)", 1, 2, 0);
	trans[0][257]	= settr(256,2,262,2,0,"else", 1, 2, 0);
	trans[0][258]	= settr(257,2,262,1,0,"goto :b15", 1, 2, 0); /* m: 262 -> 0,265 */
	reached0[262] = 1;
	trans[0][261]	= settr(260,2,262,1,0,"break", 1, 2, 0);
	trans[0][262]	= settr(261,2,265,57,57,"i = (i+1)", 1, 2, 0);
	trans[0][263]	= settr(262,2,268,2,0,"else", 1, 2, 0);
	trans[0][264]	= settr(263,2,268,1,0,"goto :b14", 1, 2, 0); /* m: 268 -> 0,304 */
	reached0[268] = 1;
	trans[0][267]	= settr(266,2,268,1,0,"break", 1, 2, 0);
	trans[0][268]	= settr(267,2,304,58,58,"i = 0", 1, 2, 0);
	trans[0][305]	= settr(304,2,304,1,0,".(goto)", 1, 2, 0);
	T = trans[0][304] = settr(303,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(303,2,269,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(303,2,302,0,0,"DO", 1, 2, 0);
	trans[0][269]	= settr(268,2,284,59,0,"((i<3))", 1, 2, 0);
	T = trans[ 0][284] = settr(283,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(283,0,270,0,0,"sub-sequence", 1, 2, 0);
	trans[0][270]	= settr(269,2,281,60,60,"m = 0", 1, 2, 0); /* m: 271 -> 0,281 */
	reached0[271] = 1;
	trans[0][271]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][282]	= settr(281,2,281,1,0,".(goto)", 1, 2, 0);
	T = trans[0][281] = settr(280,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(280,2,272,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(280,2,279,0,0,"DO", 1, 2, 0);
	trans[0][272]	= settr(271,2,276,61,0,"((k<3))", 1, 2, 0);
	T = trans[0][276] = settr(275,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(275,2,273,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(275,2,275,0,0,"IF", 1, 2, 0);
	trans[0][273]	= settr(272,2,281,62,62,"(((k!=i)&&(lease[((i*3)+k)]>0)))", 1, 2, 0); /* m: 274 -> 281,0 */
	reached0[274] = 1;
	trans[0][274]	= settr(0,0,0,0,0,"m = (m+1)",0,0,0);
	trans[0][277]	= settr(276,2,278,1,0,".(goto)", 1, 2, 0); /* m: 278 -> 0,281 */
	reached0[278] = 1;
	trans[0][275]	= settr(274,2,278,2,0,"else", 1, 2, 0);
	trans[0][278]	= settr(277,2,281,63,63,"k = (k+1)", 1, 2, 0);
	trans[0][279]	= settr(278,2,299,2,0,"else", 1, 2, 0);
	trans[0][280]	= settr(279,2,299,1,0,"goto :b17", 1, 2, 0);
	trans[0][283]	= settr(282,2,299,1,0,"break", 1, 2, 0);
	T = trans[0][299] = settr(298,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(298,2,285,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(298,2,298,0,0,"IF", 1, 2, 0);
	trans[0][285]	= settr(284,2,297,64,0,"(((acting[i]!=0)&&(m<(((3/2)+1)-1))))", 1, 2, 0);
	T = trans[ 0][297] = settr(296,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(296,0,286,0,0,"sub-sequence", 1, 2, 0);
	trans[0][286]	= settr(285,2,294,65,65,"standing[i] = 0", 1, 2, 0); /* m: 287 -> 0,294 */
	reached0[287] = 1;
	trans[0][287]	= settr(0,0,0,0,0,"acting[i] = 0",0,0,0);
	trans[0][288]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][295]	= settr(294,2,294,1,0,".(goto)", 1, 2, 0);
	T = trans[0][294] = settr(293,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(293,2,289,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(293,2,292,0,0,"DO", 1, 2, 0);
	trans[0][289]	= settr(288,2,294,66,66,"((k<3))", 1, 2, 0); /* m: 290 -> 294,0 */
	reached0[290] = 1;
	trans[0][290]	= settr(0,0,0,0,0,"lease[((i*3)+k)] = 0",0,0,0);
	trans[0][291]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][292]	= settr(291,2,301,2,0,"else", 1, 2, 0);
	trans[0][293]	= settr(292,2,301,1,0,"goto :b18", 1, 2, 0); /* m: 301 -> 0,304 */
	reached0[301] = 1;
	trans[0][296]	= settr(295,2,301,1,0,"break", 1, 2, 0);
	trans[0][300]	= settr(299,2,301,1,0,".(goto)", 1, 2, 0); /* m: 301 -> 0,304 */
	reached0[301] = 1;
	trans[0][298]	= settr(297,2,301,2,0,"else", 1, 2, 0);
	trans[0][301]	= settr(300,2,304,67,67,"i = (i+1)", 1, 2, 0);
	trans[0][302]	= settr(301,2,330,2,0,"else", 1, 2, 0);
	trans[0][303]	= settr(302,2,330,1,0,"goto :b16", 1, 2, 0);
	trans[0][306]	= settr(305,2,330,1,0,"break", 1, 2, 0);
	T = trans[ 0][330] = settr(329,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(329,0,310,0,0,"sub-sequence", 1, 2, 0);
	trans[0][310]	= settr(309,2,321,68,68,"n = 0", 1, 2, 0); /* m: 311 -> 0,321 */
	reached0[311] = 1;
	trans[0][311]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][322]	= settr(321,2,321,1,0,".(goto)", 1, 2, 0);
	T = trans[0][321] = settr(320,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(320,2,312,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(320,2,319,0,0,"DO", 1, 2, 0);
	trans[0][312]	= settr(311,2,316,69,0,"((i<3))", 1, 2, 0);
	T = trans[0][316] = settr(315,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(315,2,313,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(315,2,315,0,0,"IF", 1, 2, 0);
	trans[0][313]	= settr(312,2,321,70,70,"((acting[i]!=0))", 1, 2, 0); /* m: 314 -> 321,0 */
	reached0[314] = 1;
	trans[0][314]	= settr(0,0,0,0,0,"n = (n+1)",0,0,0);
	trans[0][317]	= settr(316,2,318,1,0,".(goto)", 1, 2, 0); /* m: 318 -> 0,321 */
	reached0[318] = 1;
	trans[0][315]	= settr(314,2,318,2,0,"else", 1, 2, 0);
	trans[0][318]	= settr(317,2,321,71,71,"i = (i+1)", 1, 2, 0);
	trans[0][319]	= settr(318,2,324,2,0,"else", 1, 2, 0);
	trans[0][320]	= settr(319,2,324,1,0,"goto :b19", 1, 2, 0); /* m: 324 -> 0,334 */
	reached0[324] = 1;
	trans[0][323]	= settr(322,2,324,1,0,"break", 1, 2, 0);
	trans[0][324]	= settr(323,0,334,72,72,"assert((n<=1))", 1, 2, 0); /* m: 325 -> 0,334 */
	reached0[325] = 1;
	trans[0][325]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][326]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	trans[0][327]	= settr(0,0,0,0,0,"t = 0",0,0,0);
	trans[0][328]	= settr(0,0,0,0,0,"n = 0",0,0,0);
	trans[0][329]	= settr(0,0,0,0,0,"m = 0",0,0,0);
	trans[0][331]	= settr(0,0,0,0,0,"a = 0",0,0,0);
	trans[0][332]	= settr(0,0,0,0,0,"b = 0",0,0,0);
	trans[0][336]	= settr(335,0,337,1,0,"break", 0, 2, 0);
	trans[0][337]	= settr(336,0,0,73,73,"-end-", 0, 3500, 0);
	/* np_ demon: */
	trans[_NP_] = (Trans **) emalloc(3*sizeof(Trans *));
	T = trans[_NP_][0] = settr(9997,0,1,_T5,0,"(np_)", 1,2,0);
	    T->nxt	  = settr(9998,0,0,_T2,0,"(1)",   0,2,0);
	T = trans[_NP_][1] = settr(9999,0,1,_T5,0,"(np_)", 1,2,0);
}

Trans *
settr(	int t_id, int a, int b, int c, int d,
	char *t, int g, int tpe0, int tpe1)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	tmp->atom  = a&(6|32);	/* only (2|8|32) have meaning */
	if (!g) tmp->atom |= 8;	/* no global references */
	tmp->st    = b;
	tmp->tpe[0] = tpe0;
	tmp->tpe[1] = tpe1;
	tmp->tp    = t;
	tmp->t_id  = t_id;
	tmp->forw  = c;
	tmp->back  = d;
	return tmp;
}

Trans *
cpytr(Trans *a)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	int i;
	tmp->atom  = a->atom;
	tmp->st    = a->st;
#ifdef HAS_UNLESS
	tmp->e_trans = a->e_trans;
	for (i = 0; i < HAS_UNLESS; i++)
		tmp->escp[i] = a->escp[i];
#endif
	tmp->tpe[0] = a->tpe[0];
	tmp->tpe[1] = a->tpe[1];
	for (i = 0; i < 6; i++)
	{	tmp->qu[i] = a->qu[i];
		tmp->ty[i] = a->ty[i];
	}
	tmp->tp    = (char *) emalloc(strlen(a->tp)+1);
	strcpy(tmp->tp, a->tp);
	tmp->t_id  = a->t_id;
	tmp->forw  = a->forw;
	tmp->back  = a->back;
	return tmp;
}

#ifndef NOREDUCE
int
srinc_set(int n)
{	if (n <= 2) return LOCAL;
	if (n <= 2+  DELTA) return Q_FULL_F; /* 's' or nfull  */
	if (n <= 2+2*DELTA) return Q_EMPT_F; /* 'r' or nempty */
	if (n <= 2+3*DELTA) return Q_EMPT_T; /* empty */
	if (n <= 2+4*DELTA) return Q_FULL_T; /* full  */
	if (n ==   5*DELTA) return GLOBAL;
	if (n ==   6*DELTA) return TIMEOUT_F;
	if (n ==   7*DELTA) return ALPHA_F;
	Uerror("cannot happen srinc_class");
	return BAD;
}
int
srunc(int n, int m)
{	switch(m) {
	case Q_FULL_F: return n-2;
	case Q_EMPT_F: return n-2-DELTA;
	case Q_EMPT_T: return n-2-2*DELTA;
	case Q_FULL_T: return n-2-3*DELTA;
	case ALPHA_F:
	case TIMEOUT_F: return 257; /* non-zero, and > MAXQ */
	}
	Uerror("cannot happen srunc");
	return 0;
}
#endif
int cnt;
#ifdef HAS_UNLESS
int
isthere(Trans *a, int b)
{	Trans *t;
	for (t = a; t; t = t->nxt)
		if (t->t_id == b)
			return 1;
	return 0;
}
#endif
#ifndef NOREDUCE
int
mark_safety(Trans *t) /* for conditional safety */
{	int g = 0, i, j, k;

	if (!t) return 0;
	if (t->qu[0])
		return (t->qu[1])?2:1;	/* marked */

	for (i = 0; i < 2; i++)
	{	j = srinc_set(t->tpe[i]);
		if (j >= GLOBAL && j != ALPHA_F)
			return -1;
		if (j != LOCAL)
		{	k = srunc(t->tpe[i], j);
			if (g == 0
			||  t->qu[0] != k
			||  t->ty[0] != j)
			{	t->qu[g] = k;
				t->ty[g] = j;
				g++;
	}	}	}
	return g;
}
#endif
void
retrans(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
	/* process n, with m states, is=initial state */
{	Trans *T0, *T1, *T2, *T3;
	Trans *T4, *T5; /* t_reverse or has_unless */
	int i;
#if defined(HAS_UNLESS) || !defined(NOREDUCE)
	int k;
#endif
#ifndef NOREDUCE
	int g, h, j, aa;
#endif
#ifdef HAS_UNLESS
	int p;
#endif
	if (state_tables >= 4)
	{	printf("STEP 1 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	do {
		for (i = 1, cnt = 0; i < m; i++)
		{	T2 = trans[n][i];
			T1 = T2?T2->nxt:(Trans *)0;
/* prescan: */		for (T0 = T1; T0; T0 = T0->nxt)
/* choice in choice */	{	if (T0->st && trans[n][T0->st]
				&&  trans[n][T0->st]->nxt)
					break;
			}
#if 0
		if (T0)
		printf("\tstate %d / %d: choice in choice\n",
		i, T0->st);
#endif
			if (T0)
			for (T0 = T1; T0; T0 = T0->nxt)
			{	T3 = trans[n][T0->st];
				if (!T3->nxt)
				{	T2->nxt = cpytr(T0);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
					continue;
				}
				do {	T3 = T3->nxt;
					T2->nxt = cpytr(T3);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
				} while (T3->nxt);
				cnt++;
			}
		}
	} while (cnt);
	if (state_tables >= 3)
	{	printf("STEP 2 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	for (i = 1; i < m; i++)
	{	if (trans[n][i] && trans[n][i]->nxt) /* optimize */
		{	T1 = trans[n][i]->nxt;
#if 0
			printf("\t\tpull %d (%d) to %d\n",
			T1->st, T1->forw, i);
#endif
			srcln[i] = srcln[T1->st];	/* Oyvind Teig, 5.2.0 */

			if (!trans[n][T1->st]) continue;
			T0 = cpytr(trans[n][T1->st]);
			trans[n][i] = T0;
			reach[T1->st] = 1;
			imed(T0, T1->st, n, i);
			for (T1 = T1->nxt; T1; T1 = T1->nxt)
			{
#if 0
			printf("\t\tpull %d (%d) to %d\n",
				T1->st, T1->forw, i);
#endif
		/*		srcln[i] = srcln[T1->st];  gh: not useful */
				if (!trans[n][T1->st]) continue;
				T0->nxt = cpytr(trans[n][T1->st]);
				T0 = T0->nxt;
				reach[T1->st] = 1;
				imed(T0, T1->st, n, i);
	}	}	}
	if (state_tables >= 2)
	{	printf("STEP 3 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
#ifdef HAS_UNLESS
	for (i = 1; i < m; i++)
	{	if (!trans[n][i]) continue;
		/* check for each state i if an
		 * escape to some state p is defined
		 * if so, copy and mark p's transitions
		 * and prepend them to the transition-
		 * list of state i
		 */
	 if (!like_java) /* the default */
	 {	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->e_trans = p;
				T2->nxt = trans[n][i];
				trans[n][i] = T2;
		}	}
	 } else /* outermost unless checked first */
	 {	T4 = T3 = (Trans *) 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->nxt = (Trans *) 0;
				T2->e_trans = p;
				if (T3)	T3->nxt = T2;
				else	T4 = T2;
				T3 = T2;
		}	}
		if (T4)
		{	T3->nxt = trans[n][i];
			trans[n][i] = T4;
		}
	 }
	}
#endif
#ifndef NOREDUCE
	for (i = 1; i < m; i++)
	{	if (a_cycles)
		{ /* moves through these states are visible */
	#if PROG_LAB>0 && defined(HAS_NP)
			if (progstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (progstate[n][T1->st])
					goto degrade;
	#endif
			if (accpstate[n][i] || visstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (accpstate[n][T1->st])
					goto degrade;
		}
		T1 = trans[n][i];
		if (!T1) continue;
		g = mark_safety(T1);	/* V3.3.1 */
		if (g < 0) goto degrade; /* global */
		/* check if mixing of guards preserves reduction */
		if (T1->nxt)
		{	k = 0;
			for (T0 = T1; T0; T0 = T0->nxt)
			{	if (!(T0->atom&8))
					goto degrade;
				for (aa = 0; aa < 2; aa++)
				{	j = srinc_set(T0->tpe[aa]);
					if (j >= GLOBAL && j != ALPHA_F)
						goto degrade;
					if (T0->tpe[aa]
					&&  T0->tpe[aa]
					!=  T1->tpe[0])
						k = 1;
			}	}
			/* g = 0;	V3.3.1 */
			if (k)	/* non-uniform selection */
			for (T0 = T1; T0; T0 = T0->nxt)
			for (aa = 0; aa < 2; aa++)
			{	j = srinc_set(T0->tpe[aa]);
				if (j != LOCAL)
				{	k = srunc(T0->tpe[aa], j);
					for (h = 0; h < 6; h++)
						if (T1->qu[h] == k
						&&  T1->ty[h] == j)
							break;
					if (h >= 6)
					{	T1->qu[g%6] = k;
						T1->ty[g%6] = j;
						g++;
			}	}	}
			if (g > 6)
			{	T1->qu[0] = 0;	/* turn it off */
				printf("pan: warning, line %d, ",
					srcln[i]);
			 	printf("too many stmnt types (%d)",
					g);
			  	printf(" in selection\n");
			  goto degrade;
			}
		}
		/* mark all options global if >=1 is global */
		for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			if (!(T1->atom&8)) break;
		if (T1)
degrade:	for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			T1->atom &= ~8;	/* mark as unsafe */
		/* can only mix 'r's or 's's if on same chan */
		/* and not mixed with other local operations */
		T1 = trans[n][i];
		if (!T1 || T1->qu[0]) continue;
		j = T1->tpe[0];
		if (T1->nxt && T1->atom&8)
		{ if (j == 5*DELTA)
		  {	printf("warning: line %d ", srcln[i]);
			printf("mixed condition ");
			printf("(defeats reduction)\n");
			goto degrade;
		  }
		  for (T0 = T1; T0; T0 = T0->nxt)
		  for (aa = 0; aa < 2; aa++)
		  if  (T0->tpe[aa] && T0->tpe[aa] != j)
		  {	printf("warning: line %d ", srcln[i]);
			printf("[%d-%d] mixed %stion ",
				T0->tpe[aa], j, 
				(j==5*DELTA)?"condi":"selec");
			printf("(defeats reduction)\n");
			printf("	'%s' <-> '%s'\n",
				T1->tp, T0->tp);
			goto degrade;
		} }
	}
#endif
	for (i = 1; i < m; i++)
	{	T2 = trans[n][i];
		if (!T2
		||  T2->nxt
		||  strncmp(T2->tp, ".(goto)", 7)
		||  !stopstate[n][i])
			continue;
		stopstate[n][T2->st] = 1;
	}
	if (state_tables && !verbose)
	{	if (dodot)
		{	char buf[256], *q = buf, *p = procname[n];
			while (*p != '\0')
			{	if (*p != ':')
				{	*q++ = *p;
				}
				p++;
			}
			*q = '\0';
			printf("digraph ");
			switch (Btypes[n]) {
			case I_PROC:  printf("init {\n"); break;
			case N_CLAIM: printf("claim_%s {\n", buf); break;
			case E_TRACE: printf("notrace {\n"); break;
			case N_TRACE: printf("trace {\n"); break;
			default:      printf("p_%s {\n", buf); break;
			}
			printf("size=\"8,10\";\n");
			printf("  GT [shape=box,style=dotted,label=\"%s\"];\n", buf);
			printf("  GT -> S%d;\n", is);
		} else
		{	switch (Btypes[n]) {
			case I_PROC:  printf("init\n"); break;
			case N_CLAIM: printf("claim %s\n", procname[n]); break;
			case E_TRACE: printf("notrace assertion\n"); break;
			case N_TRACE: printf("trace assertion\n"); break;
			default:      printf("proctype %s\n", procname[n]); break;
		}	}
		for (i = 1; i < m; i++)
		{	reach[i] = 1;
		}
		tagtable(n, m, is, srcln, reach);
		if (dodot) printf("}\n");
	} else
	for (i = 1; i < m; i++)
	{	int nrelse;
		if (Btypes[n] != N_CLAIM)
		{	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			{	if (T0->st == i
				&& strcmp(T0->tp, "(1)") == 0)
				{	printf("error: proctype '%s' ",
						procname[n]);
		  			printf("line %d, state %d: has un",
						srcln[i], i);
					printf("conditional self-loop\n");
					pan_exit(1);
		}	}	}
		nrelse = 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		{	if (strcmp(T0->tp, "else") == 0)
				nrelse++;
		}
		if (nrelse > 1)
		{	printf("error: proctype '%s' state",
				procname[n]);
		  	printf(" %d, inherits %d", i, nrelse);
		  	printf(" 'else' stmnts\n");
			pan_exit(1);
	}	}
#if !defined(LOOPSTATE) && !defined(BFS_PAR)
	if (state_tables)
#endif
	do_dfs(n, m, is, srcln, reach, lpstate);

	if (!t_reverse)
	{	return;
	}
	/* process n, with m states, is=initial state -- reverse list */
	if (!state_tables && Btypes[n] != N_CLAIM)
	{	for (i = 1; i < m; i++)
		{	Trans *Tx = (Trans *) 0; /* list of escapes */
			Trans *Ty = (Trans *) 0; /* its tail element */
			T1 = (Trans *) 0; /* reversed list */
			T2 = (Trans *) 0; /* its tail */
			T3 = (Trans *) 0; /* remembers possible 'else' */

			/* find unless-escapes, they should go first */
			T4 = T5 = T0 = trans[n][i];
	#ifdef HAS_UNLESS
			while (T4 && T4->e_trans) /* escapes are first in orig list */
			{	T5 = T4;	  /* remember predecessor */
				T4 = T4->nxt;
			}
	#endif
			/* T4 points to first non-escape, T5 to its parent, T0 to original list */
			if (T4 != T0)		 /* there was at least one escape */
			{	T3 = T5->nxt;		 /* start of non-escapes */
				T5->nxt = (Trans *) 0;	 /* separate */
				Tx = T0;		 /* start of the escapes */
				Ty = T5;		 /* its tail */
				T0 = T3;		 /* the rest, to be reversed */
			}
			/* T0 points to first non-escape, Tx to the list of escapes, Ty to its tail */

			/* first tail-add non-escape transitions, reversed */
			T3 = (Trans *) 0;
			for (T5 = T0; T5; T5 = T4)
			{	T4 = T5->nxt;
	#ifdef HAS_UNLESS
				if (T5->e_trans)
				{	printf("error: cannot happen!\n");
					continue;
				}
	#endif
				if (strcmp(T5->tp, "else") == 0)
				{	T3 = T5;
					T5->nxt = (Trans *) 0;
				} else
				{	T5->nxt = T1;
					if (!T1) { T2 = T5; }
					T1 = T5;
			}	}
			/* T3 points to a possible else, which is removed from the list */
			/* T1 points to the reversed list so far (without escapes) */
			/* T2 points to the tail element -- where the else should go */
			if (T2 && T3)
			{	T2->nxt = T3;	/* add else */
			} else
			{	if (T3) /* there was an else, but there's no tail */
				{	if (!T1)	/* and no reversed list */
					{	T1 = T3; /* odd, but possible */
					} else		/* even stranger */
					{	T1->nxt = T3;
			}	}	}

			/* add in the escapes, to that they appear at the front */
			if (Tx && Ty) { Ty->nxt = T1; T1 = Tx; }

			trans[n][i] = T1;
			/* reversed, with escapes first and else last */
	}	}
	if (state_tables && verbose)
	{	printf("FINAL proctype %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
	}
}
void
imed(Trans *T, int v, int n, int j)	/* set intermediate state */
{	progstate[n][T->st] |= progstate[n][v];
	accpstate[n][T->st] |= accpstate[n][v];
	stopstate[n][T->st] |= stopstate[n][v];
	mapstate[n][j] = T->st;
}
void
tagtable(int n, int m, int is, short srcln[], uchar reach[])
{	Trans *z;

	if (is >= m || !trans[n][is]
	||  is <= 0 || reach[is] == 0)
		return;
	reach[is] = 0;
	if (state_tables)
	for (z = trans[n][is]; z; z = z->nxt)
	{	if (dodot)
			dot_crack(n, is, z);
		else
			crack(n, is, z, srcln);
	}

	for (z = trans[n][is]; z; z = z->nxt)
	{
#ifdef HAS_UNLESS
		int i, j;
#endif
		tagtable(n, m, z->st, srcln, reach);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			tagtable(n, m, j, srcln, reach);
		}
#endif
	}
}

extern Trans *t_id_lkup[];

void
dfs_table(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	Trans *z;

	if (is >= m || is <= 0 || !trans[n][is])
		return;
	if ((reach[is] & (4|8|16)) != 0)
	{	if ((reach[is] & (8|16)) == 16)	/* on stack, not yet recorded */
		{	lpstate[is] = 1;
			reach[is] |= 8; /* recorded */
			if (state_tables && verbose)
			{	printf("state %d line %d is a loopstate\n", is, srcln[is]);
		}	}
		return;
	}
	reach[is] |= (4|16);	/* visited | onstack */
	for (z = trans[n][is]; z; z = z->nxt)
	{	t_id_lkup[z->t_id] = z;
#ifdef HAS_UNLESS
		int i, j;
#endif
		dfs_table(n, m, z->st, srcln, reach, lpstate);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			dfs_table(n, m, j, srcln, reach, lpstate);
		}
#endif
	}
	reach[is] &= ~16; /* no longer on stack */
}
void
do_dfs(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	int i;
	dfs_table(n, m, is, srcln, reach, lpstate);
	for (i = 0; i < m; i++)
		reach[i] &= ~(4|8|16);
}
void
crack(int n, int j, Trans *z, short srcln[])
{	int i;

	if (!z) return;
	printf("	state %3d -(tr %3d)-> state %3d  ",
		j, z->forw, z->st);
	printf("[id %3d tp %3d", z->t_id, z->tpe[0]);
	if (z->tpe[1]) printf(",%d", z->tpe[1]);
#ifdef HAS_UNLESS
	if (z->e_trans)
		printf(" org %3d", z->e_trans);
	else if (state_tables >= 2)
	for (i = 0; i < HAS_UNLESS; i++)
	{	if (!z->escp[i]) break;
		printf(" esc %d", z->escp[i]);
	}
#endif
	printf("]");
	printf(" [%s%s%s%s%s] %s:%d => ",
		z->atom&6?"A":z->atom&32?"D":"-",
		accpstate[n][j]?"a" :"-",
		stopstate[n][j]?"e" : "-",
		progstate[n][j]?"p" : "-",
		z->atom & 8 ?"L":"G",
		PanSource, srcln[j]);
	for (i = 0; z->tp[i]; i++)
		if (z->tp[i] == '\n')
			printf("\\n");
		else
			putchar(z->tp[i]);
	if (verbose && z->qu[0])
	{	printf("\t[");
		for (i = 0; i < 6; i++)
			if (z->qu[i])
				printf("(%d,%d)",
				z->qu[i], z->ty[i]);
		printf("]");
	}
	printf("\n");
	fflush(stdout);
}
/* spin -a m.pml; cc -o pan pan.c; ./pan -D | dot -Tps > foo.ps; ps2pdf foo.ps */
void
dot_crack(int n, int j, Trans *z)
{	int i;

	if (!z) return;
	printf("	S%d -> S%d  [color=black", j, z->st);

	if (z->atom&6) printf(",style=dashed");
	else if (z->atom&32) printf(",style=dotted");
	else if (z->atom&8) printf(",style=solid");
	else printf(",style=bold");

	printf(",label=\"");
	for (i = 0; z->tp[i]; i++)
	{	if (z->tp[i] == '\\'
		&&  z->tp[i+1] == 'n')
		{	i++; printf(" ");
		} else
		{	putchar(z->tp[i]);
	}	}
	printf("\"];\n");
	if (accpstate[n][j]) printf("  S%d [color=red,style=bold];\n", j);
	else if (progstate[n][j]) printf("  S%d [color=green,style=bold];\n", j);
	if (stopstate[n][j]) printf("  S%d [color=blue,style=bold,shape=box];\n", j);
}

#ifdef VAR_RANGES
#define BYTESIZE	32	/* 2^8 : 2^3 = 256:8 = 32 */

typedef struct Vr_Ptr {
	char	*nm;
	uchar	vals[BYTESIZE];
	struct Vr_Ptr *nxt;
} Vr_Ptr;
Vr_Ptr *ranges = (Vr_Ptr *) 0;

void
logval(char *s, int v)
{	Vr_Ptr *tmp;

	if (v<0 || v > 255) return;
	for (tmp = ranges; tmp; tmp = tmp->nxt)
		if (!strcmp(tmp->nm, s))
			goto found;
	tmp = (Vr_Ptr *) emalloc(sizeof(Vr_Ptr));
	tmp->nxt = ranges;
	ranges = tmp;
	tmp->nm = s;
found:
	tmp->vals[(v)/8] |= 1<<((v)%8);
}

void
dumpval(uchar X[], int range)
{	int w, x, i, j = -1;

	for (w = i = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
from:		if ((X[w] & (1<<x)))
		{	printf("%d", i);
			j = i;
			goto upto;
	}	}
	return;
	for (w = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
upto:		if (!(X[w] & (1<<x)))
		{	if (i-1 == j)
				printf(", ");
			else
				printf("-%d, ", i-1);
			goto from;
	}	}
	if (j >= 0 && j != 255)
		printf("-255");
}

void
dumpranges(void)
{	Vr_Ptr *tmp;
	printf("\nValues assigned within ");
	printf("interval [0..255]:\n");
	for (tmp = ranges; tmp; tmp = tmp->nxt)
	{	printf("\t%s\t: ", tmp->nm);
		dumpval(tmp->vals, BYTESIZE);
		printf("\n");
	}
}
#endif
